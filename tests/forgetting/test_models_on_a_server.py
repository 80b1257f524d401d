"""MLflow's server alone reaches its files: a person is taken out of them through it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import mlflow
import numpy as np
import pyarrow.parquet as pq
import pytest

from flows.churn.model import registered_model
from flows.churn.model.training_users import TRAINING_USERS
from flows.errors import BadInput
from flows.forgetting.models import forget_in_models
from flows.forgetting.trace import Trace, by_place
from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.platform.forgetting.people import People
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.client import mlflow_client
from flows.platform.tracking.database import lay_out_mlflow
from flows.platform.tracking.mlflow_server import FILES, HOSTS, ORIGINS, STORE, create_app
from flows.settings import Settings
from tests.churn.handmade_models import users
from tests.forgetting.trained import MODEL, SHAP, examples, kept, train

PATIENCE = 120
PUBLIC = "https://mlflow.example.com"

pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a server that proxies its files, as in containers, and where it has them."""
    folder, port = tmp_path_factory.mktemp("mlflow_server"), free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", f"{create_app.__module__}:create_app"]
    command += ["--host", LOOPBACK, "--port", str(port)]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    alone |= {
        STORE: f"sqlite:///{folder / 'mlflow.db'}",
        FILES: (folder / "artifacts").as_uri(),
        HOSTS: f"mlflow:*,{LOOPBACK}:*",
        ORIGINS: PUBLIC,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    lay_out_mlflow(folder / "mlflow.db")
    address = f"http://{LOOPBACK}:{port}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=alone)
    try:
        assert wait_until(lambda: _answers(address), PATIENCE)
        yield address, folder / "artifacts"
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health").is_success
    except httpx.TransportError:
        return False


def test_files_are_rewritten_through_it(server: tuple[str, Path], tmp_path: Path) -> None:
    address, store = server
    settings = Settings(home=tmp_path / "kpi", mlflow_tracking_uri=address)
    run_id = train(settings, tmp_path / "training", users())
    before = MODEL.probabilities(users())
    every = {path for path in store.rglob("*") if path.is_file()}

    promised = forget_in_models(settings, People("2"), dry_run=True)
    assert [len(rows) for rows in examples(store)] == [3, 3]
    done = forget_in_models(settings, People("2"), dry_run=False)

    assert done == promised
    assert by_place(done) == [
        Trace("MLflow: input examples", 6, "deleted"),
        Trace("MLflow: rows of SHAP", 1, "deleted"),
    ]
    assert 2 not in pq.read_table(kept(store, SHAP))["user_id"].to_pylist()
    assert examples(store) == ([], [])
    assert {path for path in store.rglob("*") if path.is_file()} == every
    run = mlflow_client(settings).get_run(run_id)
    assert "kpi.changed_by_forgetting" in run.data.tags
    assert forget_in_models(settings, People("2"), dry_run=False) == []

    # People go on with the model, by way of the server as well.
    (model,) = mlflow_client(settings).search_logged_models([run.info.experiment_id])
    loaded = mlflow.pyfunc.load_model(f"models:/{model.model_id}")
    after = loaded.predict(users()[MODEL.feature_names])[registered_model.PROBABILITY]
    assert np.array_equal(before, after.to_numpy())
    assert kept(store, TRAINING_USERS).exists()
    assert not mlflow_home(settings).exists()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        (None, None, 200),
        ("mlflow:5000", None, 200),
        (None, PUBLIC, 200),
        ("mlflow.example.com", PUBLIC, 403),  # MLFLOW_ALLOWED_HOSTS has to name it as well
        ("example.com", None, 421),
        (None, "https://example.com", 403),
    ],
)
def test_it_answers_no_page_but_its_own(
    server: tuple[str, Path], host: str | None, origin: str | None, status: int
) -> None:
    headers = {"Host": host, "Origin": origin}
    given = {name: value for name, value in headers.items() if value}
    answer = httpx.get(f"{server[0]}/api/2.0/mlflow/experiments/get?experiment_id=0", headers=given)
    assert answer.status_code == status


def test_its_pages_load_nothing_from_elsewhere(server: tuple[str, Path]) -> None:
    page = httpx.get(server[0])
    assert "<title>MLflow</title>" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self' ")


@pytest.mark.parametrize("missing", [STORE, FILES, HOSTS, ORIGINS])
def test_it_is_told_everything(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (STORE, FILES, HOSTS, ORIGINS):
        monkeypatch.setenv(name, "" if name == missing else "given")
    with pytest.raises(BadInput, match=f"{missing} is empty"):
        create_app()
