"""The registry on a real MLflow: one Production, by stage and by alias."""

import shutil
import socket
import warnings
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pytest
from mlflow.telemetry import get_telemetry_client
from mlflow.tracking import MlflowClient

from flows.churn.model.logged.registry import (
    base_rate,
    experiment_id,
    register_version,
    run_address,
)
from flows.churn.production.document import read_document
from flows.churn.production.in_mlflow import MODEL, read_mlflow, set_in_mlflow
from flows.errors import KpiError, Unavailable
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.client import mlflow_client, tracking_uri
from flows.settings import Settings

# One process makes what they share.
pytestmark = pytest.mark.xdist_group("registry")

SILENT_MODEL = """
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

class Silent(PythonModel):
    def predict(self, context, model_input: list[str], params=None) -> list[str]:
        return []

set_model(Silent())
"""
BY_STAGE, BY_ALIAS = f"models:/{MODEL}/Production", f"models:/{MODEL}@production"


@dataclass(frozen=True)
class Logged:
    """A model in MLflow: its address, and its run."""

    uri: str
    run: str


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Logged]]:
    """MLflow's database with three logged models: made once, because it takes seconds."""
    settings = Settings(home=tmp_path_factory.mktemp("mlflow"))
    client = mlflow_client(settings)
    folder = mlflow_home(settings)
    experiment = client.create_experiment("by hand", (folder / "artifacts").as_uri())
    return folder / "mlflow.db", [log_model(experiment, folder) for _ in range(3)]


@pytest.fixture
def mlflow_settings(tmp_path: Path, template: tuple[Path, list[Logged]]) -> Settings:
    """Settings of an MLflow in which nothing is registered."""
    settings = Settings(home=tmp_path / "kpi")
    mlflow_home(settings).mkdir(parents=True)
    shutil.copy(template[0], mlflow_home(settings))
    return settings


@pytest.fixture
def client(mlflow_settings: Settings) -> MlflowClient:
    return mlflow_client(mlflow_settings)


@pytest.fixture
def registered(client: MlflowClient, template: tuple[Path, list[Logged]]) -> list[str]:
    """The runs of MLflow behind the registered versions 1, 2 and 3."""
    for number, model in enumerate(template[1], 1):
        version = register_version(client, model.uri, model.run, f"model {number}")
        assert version == str(number)
    return [model.run for model in template[1]]


def log_model(experiment: str, folder: Path) -> Logged:
    """Log a model that says nothing."""
    code = folder / "silent_model.py"
    code.write_text(SILENT_MODEL)
    with mlflow.start_run(experiment_id=experiment) as run, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has no example
        model = mlflow.pyfunc.log_model(
            name="model", python_model=str(code), pip_requirements=["mlflow"]
        )
    return Logged(model.model_uri, run.info.run_id)


def stages(client: MlflowClient) -> dict[str, str]:
    return {
        str(version.version): version.current_stage
        for version in client.search_model_versions(f"name = '{MODEL}'")
    }


def run_behind(address: str) -> str:
    """The run of MLflow whose model the address leads to."""
    return str(mlflow.pyfunc.load_model(address).metadata.run_id)


def test_nothing_is_reported_to_the_makers_of_mlflow() -> None:
    assert get_telemetry_client() is None


def test_at_first_there_is_no_production(client: MlflowClient) -> None:
    assert read_mlflow(client).says(None)


def test_registered_versions_are_not_production(
    client: MlflowClient, registered: list[str]
) -> None:
    assert read_mlflow(client).says(None)
    assert stages(client) == dict.fromkeys("123", "None")
    assert client.get_model_version(MODEL, "2").description == "model 2"
    assert client.get_model_version(MODEL, "2").run_id == registered[1]


def test_a_run_of_mlflow_has_one_version(
    client: MlflowClient, template: tuple[Path, list[Logged]]
) -> None:
    model = template[1][0]
    versions = {register_version(client, model.uri, model.run, "the same") for _ in range(2)}
    assert versions == {"1"} == set(stages(client))


def test_production_is_found_by_stage_and_by_alias(
    client: MlflowClient, registered: list[str]
) -> None:
    set_in_mlflow(client, "1")
    set_in_mlflow(client, "3")
    assert read_mlflow(client).says("3")
    assert run_behind(BY_STAGE) == run_behind(BY_ALIAS) == registered[2]
    assert stages(client) == {"1": "Archived", "2": "None", "3": "Production"}


def test_an_archived_version_can_return(client: MlflowClient, registered: list[str]) -> None:
    for version in ("1", "2", "1"):
        set_in_mlflow(client, version)
    assert read_mlflow(client).says("1")
    assert run_behind(BY_STAGE) == run_behind(BY_ALIAS) == registered[0]
    assert stages(client) == {"1": "Production", "2": "Archived", "3": "None"}


def test_made_production_again_after_it_was_cut_short(
    client: MlflowClient, registered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_in_mlflow(client, "1")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(client, "set_registered_model_alias", killed)
        with pytest.raises(KeyboardInterrupt):
            set_in_mlflow(client, "2")
    found = read_mlflow(client)
    assert (found.stage, found.alias) == ("2", "1")

    set_in_mlflow(client, "2")
    assert read_mlflow(client).says("2")
    assert run_behind(BY_STAGE) == run_behind(BY_ALIAS) == registered[1]
    assert stages(client) == {"1": "Archived", "2": "Production", "3": "None"}


@pytest.mark.usefixtures("registered")
def test_production_can_be_left_empty(client: MlflowClient) -> None:
    set_in_mlflow(client, "2")
    client.transition_model_version_stage(MODEL, "1", "Production")
    assert read_mlflow(client).in_stage == {"1", "2"}
    set_in_mlflow(client, None)
    assert read_mlflow(client).says(None)
    assert stages(client) == {"1": "Archived", "2": "Archived", "3": "None"}


@pytest.mark.usefixtures("registered")
def test_made_production_twice_nothing_changes(client: MlflowClient) -> None:
    for _ in range(2):
        set_in_mlflow(client, "2")
    assert read_mlflow(client).says("2")
    assert stages(client) == {"1": "None", "2": "Production", "3": "None"}


def test_the_share_who_churned_is_that_of_its_training(
    client: MlflowClient, registered: list[str]
) -> None:
    assert base_rate(client, "1") is None
    client.log_param(registered[0], "users", 200)
    client.log_param(registered[0], "churned", 50)
    assert base_rate(client, "1") == 0.25
    assert base_rate(client, "99") is None


@pytest.mark.usefixtures("registered")
def test_a_version_that_is_not_there_is_named(client: MlflowClient) -> None:
    set_in_mlflow(client, "1")
    with pytest.raises(KpiError, match="Version 99 of churn-model is not in MLflow"):
        read_document(client, "99")
    with pytest.raises(KpiError, match="Version 99 of churn-model is not in MLflow any more"):
        set_in_mlflow(client, "99")
    assert read_mlflow(client).says("1")
    assert stages(client)["1"] == "Production"


def test_a_version_whose_files_are_gone_is_named(
    mlflow_settings: Settings, client: MlflowClient
) -> None:
    folder = mlflow_home(mlflow_settings)
    model = log_model(experiment_id(mlflow_settings, client), folder)
    register_version(client, model.uri, model.run, "soon gone")
    shutil.rmtree(folder / "artifacts")
    with pytest.raises(KpiError, match="Version 1 of churn-model does not load: "):
        read_document(client, "1")


def test_a_server_that_cannot_be_reached_is_not_one_without_production(
    mlflow_settings: Settings,
) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        with pytest.raises(Unavailable, match=f"MLflow does not answer at {address}"):
            mlflow_client(mlflow_settings.model_copy(update={"mlflow_tracking_uri": address}))


def test_the_experiment_is_made_once_with_its_artifacts_under_home(
    mlflow_settings: Settings, client: MlflowClient
) -> None:
    first = experiment_id(mlflow_settings, client)
    assert experiment_id(mlflow_settings, client) == first
    experiment = client.get_experiment(first)
    assert experiment.name == "churn_retention"
    assert experiment.artifact_location == (mlflow_home(mlflow_settings) / "artifacts").as_uri()


def test_without_a_server_everything_is_under_home(mlflow_settings: Settings) -> None:
    database = mlflow_home(mlflow_settings) / "mlflow.db"
    assert tracking_uri(mlflow_settings) == f"sqlite:///{database}"
    assert run_address(mlflow_settings, "run") is None
