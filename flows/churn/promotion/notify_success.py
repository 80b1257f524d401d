"""Write the summary of the training, and notify people."""

from dataclasses import asdict, dataclass
from pathlib import Path

from flows.churn.features.feature_engineering import feature_table
from flows.churn.folders import last_training
from flows.churn.model.logged.registry import run_address
from flows.churn.model.training_result import trained
from flows.churn.production.truth import production_version
from flows.churn.promotion.decide_promotion import decided
from flows.churn.promotion.evaluate_candidate import evaluated
from flows.churn.run import ChurnRun
from flows.platform.pipeline.notifications import notify
from flows.platform.pipeline.report import Report
from flows.platform.storage.atomic_files import write_json
from flows.settings import Settings


@dataclass(frozen=True)
class Notified:
    """The message, and the file with the summary."""

    message: str
    summary: Path


def notify_success(settings: Settings, run: ChurnRun) -> Notified:
    """Write `last_training.json`, log the outcome and post it to the webhook."""
    table, training = feature_table(settings, run), trained(settings, run)
    evaluation, decision = evaluated(settings, run), decided(settings, run)
    production = production_version(settings)
    summary = last_training(settings)
    write_json(
        summary,
        {
            "run_id": run.run_id,
            "as_of": run.as_of,
            "cutoff": run.cutoff,
            "features": asdict(table),
            "training": asdict(training),
            "evaluation": asdict(evaluation),
            "decision": asdict(decision),
            "production": production,
        },
    )
    message = (
        f"churn-training {run}: version {evaluation.version}, ROC AUC "
        f"{training.holdout.roc_auc:.3f} on {training.holdout.rows:,} holdout users; "
        + (
            "it is Production."
            if production == evaluation.version
            else f"Production stays {f'version {production}' if production else 'empty'}: "
            f"{'; '.join(decision.reasons_against) or 'nobody approved it'}."
        )
    )
    notify(settings, message)
    return Notified(message, summary)


def report_links(settings: Settings, run: ChurnRun) -> list[Report]:
    """Link to the run in MLflow, when MLflow is a server."""
    address = run_address(settings, trained(settings, run).mlflow_run_id)
    if address is None:
        return []
    return [Report("link", "churn-mlflow", "The training in MLflow", address)]
