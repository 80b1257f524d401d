"""The churn model in MLflow: its experiment, its versions, and how they are loaded."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows.churn.production.document import Document, read_document
from flows.churn.production.in_mlflow import MODEL, is_gone, mlflow_answers
from flows.churn.production.truth import known_production, look
from flows.errors import KpiError
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

EXPERIMENT = "churn_retention"

_TAUGHT_BY = ("as_of", "cutoff", "dataset_sha256", "sensitive_features")


@dataclass(frozen=True)
class Logged:
    """Parameters and measures of a training."""

    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)


def experiment_id(settings: Settings, client: "MlflowClient") -> str:
    """Return the id of the experiment; create it if it does not exist.

    Raises KpiError when somebody deleted it: MLflow keeps it, and the name stays taken.
    """
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None and found.lifecycle_stage == "deleted":
        raise KpiError(
            f"The experiment {EXPERIMENT} was deleted in MLflow, which keeps its name taken. Bring "
            f"it back with `mlflow experiments restore --experiment-id {found.experiment_id}`."
        )
    if found is not None:
        return str(found.experiment_id)
    local = None if settings.mlflow_tracking_uri else mlflow_home(settings) / "artifacts"
    return str(client.create_experiment(EXPERIMENT, local.as_uri() if local else None))


def register_version(
    client: "MlflowClient", model_uri: str, mlflow_run_id: str, description: str
) -> str:
    """Register the model as a new version, or return the one that the MLflow run already has.

    Its tags say which days and which data taught it, as those of the run do.
    """
    from mlflow.exceptions import MlflowException

    query = f"name = '{MODEL}' and run_id = '{mlflow_run_id}'"
    if registered := client.search_model_versions(query):
        return str(registered[0].version)
    try:
        client.get_registered_model(MODEL)
    except MlflowException as error:
        if not is_gone(error):
            raise
        client.create_registered_model(MODEL)
    version = client.create_model_version(
        MODEL,
        model_uri,
        run_id=mlflow_run_id,
        description=description,
        await_creation_for=60,
        model_id=model_uri.removeprefix("models:/"),
        tags=_taught_by(client, mlflow_run_id),
    )
    return str(version.version)


def _taught_by(client: "MlflowClient", mlflow_run_id: str) -> dict[str, str]:
    logged = client.get_run(mlflow_run_id).data
    known = {**logged.params, **logged.tags}
    return {name: str(known[name]) for name in _TAUGHT_BY if name in known}


def logged_by(client: "MlflowClient", version: str, unknown: str) -> Logged:
    """Return what the training of a version logged; nothing where it, or its run, is gone.

    Raises Unavailable, which begins with `unknown`, where MLflow only does not answer.
    """
    from mlflow.exceptions import MlflowException

    with mlflow_answers(unknown):
        try:
            run_id = client.get_model_version(MODEL, version).run_id
            logged = client.get_run(run_id).data if run_id else None
        except MlflowException as error:
            if not is_gone(error):
                raise
            logged = None
    return Logged(logged.params, logged.metrics) if logged else Logged()


def base_rate(client: "MlflowClient", version: str) -> float | None:
    """Return the share of users who churned in the training of a version.

    None where no training logged it, or its MLflow run was deleted. Raises Unavailable where MLflow
    only does not answer.
    """
    logged = logged_by(client, version, f"MLflow does not say who taught version {version}").params
    try:
        # Where some speak for several, the share is not that of the users in the files.
        return float(logged.get("churned_share") or int(logged["churned"]) / int(logged["users"]))
    except KeyError:
        return None


def production_model(settings: Settings) -> Document:
    """Return Production's model; raise KpiError without one that loads and that the ledger knows.

    Mends what disagrees about Production, as `known_production` does.
    """
    known = known_production(settings)
    if known is None:
        raise KpiError("There is no Production model to score with. Train one with kpi train.")
    return read_document(mlflow_client(settings), known.version).as_promoted(known.sha256)


def model_to_look_at(settings: Settings) -> Document:
    """Return Production's model, as `production_model` does, and change nothing.

    For whoever only reads: what disagrees about Production is left as it is.
    """
    found = look(settings)
    if found.known is None:
        raise KpiError("There is no Production model. Train one with kpi train.")
    return read_document(mlflow_client(settings), found.known).as_promoted(found.sha256)


def run_address(settings: Settings, mlflow_run_id: str) -> str | None:
    """Return the address of an MLflow run's page; None without a server."""
    if not (settings.mlflow_tracking_uri or "").startswith("http"):
        return None
    address = (settings.mlflow_ui_url or settings.mlflow_tracking_uri or "").rstrip("/")
    experiment = experiment_id(settings, mlflow_client(settings))
    return f"{address}/#/experiments/{experiment}/runs/{mlflow_run_id}"
