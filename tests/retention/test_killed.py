"""Retention of files, MLflow and Prefect is killed with -9; the next run completes it.

The warehouse's is killed in test_prune_warehouse.
"""

import os
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from flows.churn.model.logged.registry import EXPERIMENT, register_version
from flows.churn.production.in_mlflow import MODEL
from flows.platform.storage.layout import great_expectations_folder, mlflow_home
from flows.retention.programs.prune_mlflow import prune_mlflow
from flows.retention.programs.prune_prefect import prune_prefect
from flows.retention.prune_files import prune_files
from flows.retention.run import PruneRun
from flows.settings import Settings
from tests.churn.handmade_models import Registry
from tests.operations.killed_process import Place, killed_at
from tests.retention.flow_runs import left, ran
from tests.retention.test_prune_files import LAST, aged

# One process imports what the killed ones are forked from.
pytestmark = pytest.mark.xdist_group("killed_production")

LATER = PruneRun(as_of=date.today() + timedelta(days=400), mode="prune")


def results(settings: Settings) -> Path:
    """Validations of two days, more than Data Docs list: each in a folder of its own."""
    folder = great_expectations_folder(settings) / "validations" / "suite"
    for age in range(settings.data_docs_results + 3):
        aged(folder / f"run-{age}" / "a.json", age)
    return folder


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "place",
    [Place("pathlib.Path.unlink", after=True, call=2), Place("pathlib.Path.rmdir", after=True)],
)
def test_of_files_no_empty_folder_is_left(settings: Settings, place: Place) -> None:
    folder = results(settings)
    run = PruneRun(as_of=LAST + timedelta(days=1000), mode="prune")

    killed_at(place, partial(prune_files, settings, run))
    assert len(list(folder.rglob("*.json"))) < settings.data_docs_results + 3
    prune_files(settings, run)

    kept = {f"run-{age}" for age in range(settings.data_docs_results)}
    assert {path.name for path in folder.iterdir()} == kept


MLFLOW = "mlflow.tracking.MlflowClient"


@pytest.mark.usefixtures("db")
def test_of_mlflow_versions_models_files_and_runs_go(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory)
    client, store = registry.client, tmp_path_factory.mktemp("runs")
    registry.promoted("good")
    experiment = client.create_experiment(EXPERIMENT, store.as_uri())
    runs = [_trained(client, experiment) for _ in range(2)]

    for place in (
        Place(f"{MLFLOW}.delete_model_version", after=True),
        Place(f"{MLFLOW}.delete_logged_model"),
        Place(f"{MLFLOW}.delete_run"),
        Place(f"{MLFLOW}.delete_run", after=True),
        Place("flows.platform.tracking.deleted_runs._forget"),
        Place("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore._hard_delete_logged_model"),
        Place("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore._hard_delete_run"),
        Place("flows.retention.programs.prune_mlflow.record_all"),
    ):
        killed_at(place, partial(prune_mlflow, settings, LATER))
    prune_mlflow(settings, LATER)

    assert [str(found.version) for found in client.search_model_versions(f"name = '{MODEL}'")] == [
        "1"
    ]
    for run in runs:
        with pytest.raises(MlflowException, match="not found"):
            client.get_run(run)
    assert client.search_logged_models([experiment]) == []
    with closing(sqlite3.connect(mlflow_home(settings) / "mlflow.db")) as known:
        assert (
            known.execute(
                "SELECT model_id FROM logged_models WHERE source_run_id IN (?, ?)", runs
            ).fetchall()
            == []
        )
    assert [path for path in store.rglob("*") if path.is_file()] == []


def _trained(client: MlflowClient, experiment: str) -> str:
    """A run that ended with a file, a model with a file, and a version of it."""
    run = str(client.create_run(experiment).info.run_id)
    client.log_text(run, "of users", "training_users.json")
    model = client.create_logged_model(experiment, name="model", source_run_id=run)
    file = Path(model.artifact_location.removeprefix("file://")) / "coefficients.json"
    file.parent.mkdir(parents=True)
    file.write_text("of all users")
    client.set_terminated(run)
    register_version(client, f"runs:/{run}/model", run, "")
    return run


@pytest.mark.usefixtures("db", "prefect_api")
def test_of_prefect_artifacts_and_flow_runs_go(settings: Settings) -> None:
    from prefect.settings import get_current_settings

    flow_runs = [ran(), ran()]
    same_api = get_current_settings().to_environment_variables(exclude_unset=True)
    # An artifact is gone, no flow run is.
    place = Place("flows.platform.deployments.server_calls.PrefectServer.delete", call=2)

    killed_at(place, partial(_prune_prefect, settings, dict(same_api)))
    assert {left(each)[0] for each in flow_runs} == {1}
    prune_prefect(settings, LATER)

    assert {left(each) for each in flow_runs} == {(0, 0)}


def _prune_prefect(settings: Settings, environment: dict[str, str]) -> None:
    os.environ |= environment
    prune_prefect(settings, LATER)
