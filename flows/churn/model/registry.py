"""The churn model in MLflow: its experiment, its versions, and how they are loaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flows.churn.production.in_mlflow import MODEL, version_is_gone
from flows.churn.production.truth import production_version
from flows.errors import KpiError
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.artifacts import artifact_errors
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

    from flows.churn.model.registered_model import LinearModel

EXPERIMENT = "churn_retention"


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
    """Register the model as a new version, or return the one that the MLflow run already has."""
    from mlflow.exceptions import MlflowException

    query = f"name = '{MODEL}' and run_id = '{mlflow_run_id}'"
    if registered := client.search_model_versions(query):
        return str(registered[0].version)
    try:
        client.get_registered_model(MODEL)
    except MlflowException:
        client.create_registered_model(MODEL)
    version = client.create_model_version(
        MODEL,
        model_uri,
        run_id=mlflow_run_id,
        description=description,
        await_creation_for=60,
        model_id=model_uri.removeprefix("models:/"),
    )
    return str(version.version)


def base_rate(client: "MlflowClient", version: str) -> float | None:
    """Return the share of users who churned in the training of a version.

    None where no training logged it, or its MLflow run was deleted.
    """
    from mlflow.exceptions import MlflowException

    try:
        run_id = client.get_model_version(MODEL, version).run_id
        logged = client.get_run(run_id).data.params if run_id else {}
        return int(logged["churned"]) / int(logged["users"])
    except (MlflowException, KeyError):
        return None


def load_model(version: str) -> Any:
    """Return the version's model, as MLflow loads it without Java; raise KpiError without it."""
    import mlflow

    with _gone(version):
        mlflow.MlflowClient().get_model_version(MODEL, version)
    with artifact_errors(
        f"Version {version} of {MODEL} does not load",
        "Put its files back into MLflow's store; or delete the version in MLflow, and the next "
        "training starts without it.",
    ):
        return mlflow.pyfunc.load_model(f"models:/{MODEL}/{version}")


def production_model(settings: Settings) -> "tuple[str, LinearModel]":
    """Return Production's version and its model; raise KpiError without one that loads.

    Mends what disagrees about Production, as `production_version` does.
    """
    production = production_version(settings)
    if production is None:
        raise KpiError("There is no Production model to score with. Train one with kpi train.")
    return production, load_model(production).unwrap_python_model().linear


@contextmanager
def _gone(version: str) -> Iterator[None]:
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        raise version_is_gone(version) from error


def run_address(settings: Settings, mlflow_run_id: str) -> str | None:
    """Return the address of an MLflow run's page; None without a server."""
    if not (settings.mlflow_tracking_uri or "").startswith("http"):
        return None
    address = (settings.mlflow_ui_url or settings.mlflow_tracking_uri or "").rstrip("/")
    experiment = experiment_id(settings, mlflow_client(settings))
    return f"{address}/#/experiments/{experiment}/runs/{mlflow_run_id}"
