"""What a training leaves for people in Prefect, read back from the run's folder."""

from flows.churn.model.metrics import Quality
from flows.churn.model.train_spark_model import trained
from flows.churn.promotion.decide_promotion import decided
from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import cleaned_sources
from flows.platform.orchestration.tasks import Report
from flows.platform.tracking.registry import run_address
from flows.settings import Settings


def report_sources(settings: Settings, run: ChurnRun) -> list[Report]:
    """Table of the five files: rows, the day they describe, their hash."""
    sources = cleaned_sources(settings, run)
    table = [
        {
            "file": f"{name}.csv",
            "rows": rows,
            "describes users as of": str(sources.true_as_of.get(name, "")),
            "left out": "yes" if name in sources.left_out else "",
            "sha256": sources.sha256[name][:12],
        }
        for name, rows in sources.rows.items()
    ]
    return [Report("table", "churn-sources", f"Sources {run}", table)]


def report_training(settings: Settings, run: ChurnRun) -> list[Report]:
    """Table of the candidate's quality on users it was not trained on."""
    training = trained(settings, run)
    rows = [_row("holdout", training.holdout)]
    if training.recent:
        rows.append(_row("holdout, paid in the last 90 days", training.recent))
    if training.out_of_time_roc_auc is not None:
        later = round(training.out_of_time_roc_auc, 4)
        rows.append({"users": "fitted one label window earlier, scored now", "ROC AUC": later})
    return [Report("table", "churn-quality", f"Quality of the candidate {run}", rows)]


def report_decision(settings: Settings, run: ChurnRun) -> list[Report]:
    """Every reason for and against the promotion."""
    decision = decided(settings, run)
    verdict = "is promoted" if decision.promote else "stays a candidate"
    text = "\n".join(
        [
            f"## Version {decision.version} {verdict}",
            "",
            *(f"- for: {reason}" for reason in decision.reasons_for),
            *(f"- **against**: {reason}" for reason in decision.reasons_against),
        ]
    )
    return [Report("markdown", "churn-promotion", f"Promotion {run}", text)]


def report_links(settings: Settings, run: ChurnRun) -> list[Report]:
    """Link to the run in MLflow, when MLflow is a server."""
    address = run_address(settings, trained(settings, run).mlflow_run_id)
    if address is None:
        return []
    return [Report("link", "churn-mlflow", "The training in MLflow", address)]


def _row(users: str, quality: Quality) -> dict[str, object]:
    return {
        "users": users,
        "rows": quality.rows,
        "churned": quality.churned,
        "ROC AUC": round(quality.roc_auc, 4),
        "PR AUC": round(quality.pr_auc, 4),
        "log-loss": round(quality.log_loss, 4),
        "Brier": round(quality.brier, 4),
        "calibration error": round(quality.calibration_error, 4),
    }
