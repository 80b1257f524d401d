"""What a training leaves in MLflow."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.churn.features.definitions import SENSITIVE, used_features
from flows.churn.features.feature_engineering import FeatureTable
from flows.churn.features.labelled_users import weights
from flows.churn.model import kinds, registered_model
from flows.churn.model.challengers.words import strongest_section, tried_measures
from flows.churn.model.decisions.gains import Gains
from flows.churn.model.kinds.tried import Kind
from flows.churn.model.logged.card import as_description, model_card
from flows.churn.model.logged.plots import plot_model
from flows.churn.model.logged.registry import experiment_id, production_model
from flows.churn.model.metrics import confusion
from flows.churn.model.model_document import ServedModel, write_document
from flows.churn.model.training_result import Training
from flows.churn.model.training_users import TRAINING_USERS, TrainingUsers
from flows.churn.production.document import DOCUMENT
from flows.churn.production.truth import production_version
from flows.churn.run import ChurnRun
from flows.errors import KpiError
from flows.platform.compute.spill import scratch_folder
from flows.platform.storage.atomic_files import write_json
from flows.platform.tracking.artifacts import artifact_errors
from flows.platform.tracking.client import mlflow_client
from flows.quiet import without_warnings
from flows.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.tracking import MlflowClient


_RUN = "kpi.run_id"
_SHAP_ROWS = 1000
_EXAMPLE_ROWS = 3
_DIGEST_LENGTH = 36  # MLflow's limit
_NOTE_LENGTH = 8000  # MLflow's limit, of a tag


@dataclass(frozen=True)
class Logged:
    """Where MLflow keeps a training, and the SHA-256 of its model's document."""

    run_id: str
    model_uri: str
    model_sha256: str


@contextmanager
def mlflow_run(settings: Settings, run: ChurnRun, table: FeatureTable) -> Iterator[None]:
    """Begin the training's run in MLflow, and end it as finished or failed.

    What an earlier attempt of the same run left in MLflow is deleted. Raises KpiError, before
    anything is fitted, when a result could not be kept, or not be compared with Production.
    """
    import mlflow

    client = mlflow_client(settings)
    experiment = experiment_id(settings, client)
    if production_version(settings) is not None:
        production_model(settings)
    _forget_earlier_try(client, experiment, run)
    with mlflow.start_run(experiment_id=experiment, run_name=f"as of {run.as_of}") as active:
        mlflow.set_tags({_RUN: run.run_id, "as_of": str(run.as_of), "cutoff": str(run.cutoff)})
        with artifact_errors(
            f"MLflow keeps no files in {active.info.artifact_uri}",
            "Nothing was trained: create the bucket or folder again (kpi prepare buckets).",
        ):
            _log_lineage(run, table)
        yield


def log_training(
    settings: Settings,
    run: ChurnRun,
    table: FeatureTable,
    training: Training,
    model: ServedModel,
    users: TrainingUsers,
    holdout: "pd.DataFrame",
    losses: dict[float, float],
    spark_model: Path | None,
) -> Logged:
    """Log parameters, measures, plots, coefficients, SHAP values and the model in `mlflow_run`.

    `losses`: of the regularizations that were tried; `spark_model`: the folder of Spark's own.
    """
    import mlflow

    active = mlflow.active_run()
    if active is None:
        raise KpiError("log_training is called within mlflow_run.")
    mlflow.log_params(_parameters(settings, run, table, training, model))
    mlflow.log_metrics(_measures(training))
    for value, loss in losses.items():
        mlflow.log_metric(f"validation_log_loss_reg_{value}", loss)
    _log_data(run, table, holdout, users)
    with scratch_folder(settings) as folder:
        model_sha256 = write_document(folder / DOCUMENT, model, table.lookback_days)
        left_out = tuple(name for name in SENSITIVE if name not in used_features(settings.churn))
        _write_files(folder, run, table, training, model, holdout, left_out)
        mlflow.log_artifacts(str(folder / "report"))
        if spark_model:
            mlflow.log_artifacts(str(spark_model), "spark_model")
        write_json(folder / TRAINING_USERS, asdict(users))
        logged = log_model(folder, training.kind, model, holdout)
    return Logged(active.info.run_id, logged.model_uri, model_sha256)


def _forget_earlier_try(client: "MlflowClient", experiment: str, run: ChurnRun) -> None:
    for earlier in client.search_runs([experiment], f"tags.`{_RUN}` = '{run.run_id}'"):
        client.delete_run(earlier.info.run_id)


def _parameters(
    settings: Settings,
    run: ChurnRun,
    table: FeatureTable,
    training: Training,
    model: ServedModel,
) -> dict[str, Any]:
    churn = settings.churn
    return {
        "as_of": run.as_of,
        "cutoff": run.cutoff,
        "label_days": run.label_days,
        "lookback_days": table.lookback_days,
        "users": table.users,
        "churned": table.churned,
        "churned_share": table.churned_share,
        "kind": training.kind,
        "kinds_tried": ", ".join(each.kind for each in training.tried),
        "regularization": training.regularization,
        "threshold": training.threshold,
        "threshold_by": churn.threshold_by,
        "capacity_share": churn.capacity_share,
        "holdout_share": churn.holdout_share,
        "feature_engine": churn.feature_engine,
        "spark_master": settings.spark_master_url,
        "training_snapshots": 1 + len(table.earlier_cutoffs),
        "features": len(model.feature_names),
        "sensitive_features": churn.sensitive_features,
        "empty_features": ", ".join(table.empty_features) or "none",
        "dataset_sha256": table.dataset_sha256,
    }


def _measures(training: Training) -> dict[str, float]:
    measures = {f"holdout_{name}": value for name, value in asdict(training.holdout).items()}
    if training.recent:
        measures |= {f"recent_{name}": value for name, value in asdict(training.recent).items()}
    if training.payments_alone_roc_auc is not None:
        measures["payments_alone_roc_auc"] = training.payments_alone_roc_auc
    if training.out_of_time_roc_auc is not None:
        measures["out_of_time_roc_auc"] = training.out_of_time_roc_auc
    if training.with_sensitive_roc_auc is not None:
        measures["with_sensitive_roc_auc"] = training.with_sensitive_roc_auc
    if training.estimated_roc_auc is not None:
        measures["holdout_estimated_auc"] = training.estimated_roc_auc
    if training.recent_estimated_roc_auc is not None:
        measures["recent_estimated_auc"] = training.recent_estimated_roc_auc
    if training.decision:
        measures |= _of_decision("holdout", training.decision.everybody)
        if training.decision.active:
            measures |= _of_decision("recent", training.decision.active)
    return measures | tried_measures(training)


def _of_decision(users: str, gains: Gains) -> dict[str, float]:
    return {
        f"{users}_flagged": gains.flagged.users,
        f"{users}_precision_at_threshold": gains.flagged.precision,
        f"{users}_recall_at_threshold": gains.flagged.recall,
        f"{users}_precision_at_capacity": gains.capacity.precision,
        f"{users}_recall_at_capacity": gains.capacity.recall,
        f"{users}_lift_at_capacity": gains.capacity.lift,
        f"{users}_lift_top_tenth": gains.tenths[0].lift,
    }


def _log_data(
    run: ChurnRun, table: FeatureTable, holdout: "pd.DataFrame", users: TrainingUsers
) -> None:
    """Log which users it was measured on, and which taught it: MLflow shows both as its inputs."""
    import mlflow
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.pandas_dataset import from_pandas

    # About the source being one of two kinds of folder, and integers that cannot hold NaN.
    with without_warnings(UserWarning):
        dataset = from_pandas(
            holdout,
            source=str(run.source),
            targets="churned",
            name="churn holdout",
            digest=table.dataset_sha256[:_DIGEST_LENGTH],
        )
        mlflow.log_input(dataset, "holdout")
        # Not the rows themselves, which would have to be held in memory: columns are the same.
        # MLflow declares the class abstract, and its documentation makes objects of it.
        taught = MetaDataset(  # type: ignore[abstract]
            dataset.source, "churn training", dataset.digest, dataset.schema
        )
        mlflow.log_input(taught, "training", {"rows": str(users.users)})


def _log_lineage(run: ChurnRun, table: FeatureTable) -> None:
    import mlflow

    mlflow.log_dict(
        {
            "source": str(run.source),
            "sources_sha256": table.sources_sha256,
            "dataset_sha256": table.dataset_sha256,
            "cutoff": str(table.cutoff),
        },
        "lineage.json",
    )


def _write_files(
    folder: Path,
    run: ChurnRun,
    table: FeatureTable,
    training: Training,
    model: ServedModel,
    holdout: "pd.DataFrame",
    left_out: tuple[str, ...],
) -> None:
    import mlflow

    report = folder / "report"
    report.mkdir()
    churned, probability = holdout["churned"].to_numpy(), model.probabilities(holdout)
    counted = confusion(churned, probability, model.threshold, weights(holdout))
    write_json(report / "confusion.json", asdict(counted))
    write_json(report / "coefficients.json", asdict(model))
    sample = holdout.head(_SHAP_ROWS)
    contributions = model.contributions(sample)
    contributions.assign(user_id=sample["user_id"]).to_parquet(report / "shap_values.parquet")
    plot_model(report / "plots", churned, probability, contributions, weights(holdout))
    strongest = strongest_section(model, contributions)
    card = model_card(run, table, training, strongest, counted, left_out)
    (report / "model_card.md").write_text(card, encoding="utf-8")
    # What MLflow shows as the run's description, as a page.
    mlflow.set_tag("mlflow.note.content", as_description(card, _NOTE_LENGTH))


def model_signature(names: list[str]) -> "ModelSignature":
    """Return the model's signature: its features, of any type, and a probability.

    For a column of doubles, MLflow would refuse whole numbers, which pandas reads from a CSV file.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    anything = AnyType()
    return ModelSignature(
        inputs=Schema([ColSpec(anything, name, required=False) for name in names]),
        outputs=Schema([ColSpec("double", registered_model.PROBABILITY)]),
    )


def log_model(folder: Path, kind: Kind, model: ServedModel, holdout: "pd.DataFrame") -> Any:
    """Log what MLflow can load, by the documents in the folder; return MLflow's `ModelInfo`."""
    import mlflow

    names = model.feature_names
    return mlflow.pyfunc.log_model(
        name="model",
        python_model=registered_model.__file__,
        code_paths=_files_of(kind),
        artifacts={
            "coefficients": str(folder / DOCUMENT),
            "training_users": str(folder / TRAINING_USERS),
        },
        signature=model_signature(names),
        input_example=holdout[names].head(_EXAMPLE_ROWS),
        pip_requirements=["mlflow", "numpy", "pandas"],
    )


def _files_of(kind: Kind) -> list[str] | None:
    """Return the file that the registered model needs beside its own to read this kind."""
    if kind not in registered_model.OTHER_KINDS:
        return None
    name, _ = registered_model.OTHER_KINDS[kind]
    return [str(Path(kinds.__file__).with_name(f"{name}.py"))]
