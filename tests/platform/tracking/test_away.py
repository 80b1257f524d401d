"""An MLflow that is healthy by its own word, and silent: a sentence, within our patience."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.errors import BadInput
from flows.paths import REPOSITORY
from flows.platform.tracking.artifacts import artifact_errors
from flows.platform.tracking.away import mlflow_is_away
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
from tests.environment.silent_mlflow import silent_mlflow

SENTENCE = (
    "MLflow does not answer any more. Look into its server's log, and run again once it answers."
)
PATIENCE = ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT")
# A command that asks MLflow for something, and handles nothing.
COMMAND = """
import sys; from pathlib import Path
from flows import cli
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
settings = Settings(mlflow_tracking_uri=sys.argv[1], patience_seconds=1)
cli.command_line = lambda: lambda: mlflow_client(settings).get_registered_model("churn-model")
cli.main()
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with silent_mlflow() as address:
        yield address


@pytest.fixture
def client(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return _client(address, tmp_path, monkeypatch, seconds=1)


def _client(address: str, home: Path, monkeypatch: pytest.MonkeyPatch, seconds: int) -> Any:
    # What a client sets for its process is this test's alone.
    for name in PATIENCE:
        monkeypatch.setenv(name, "")
        del os.environ[name]
    return mlflow_client(Settings(home=home, mlflow_tracking_uri=address, patience_seconds=seconds))


def test_silence_is_told_as_such(client: Any) -> None:
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException) as silence:
        client.get_registered_model("churn-model")
    assert str(mlflow_is_away(silence.value)) == SENTENCE


def test_it_follows_what_was_wanted(client: Any) -> None:
    with (
        pytest.raises(Exception, match=f"The model was not found: {SENTENCE}"),
        artifact_errors("The model was not found", "Log it again."),
    ):
        client.get_registered_model("churn-model")


def test_a_command_ends_with_it(address: str) -> None:
    # Without what a client of another test set for this process.
    environment = {name: text for name, text in os.environ.items() if name not in PATIENCE}
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, address],
        env=environment | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == os.EX_TEMPFAIL
    assert ended.stderr.splitlines()[-1] == f"kpi: {SENTENCE}"


def test_what_mlflow_says_itself_is_no_silence(tmp_path: Path) -> None:
    from mlflow.exceptions import MlflowException

    client = mlflow_client(Settings(home=tmp_path))
    with pytest.raises(MlflowException) as answer:
        client.get_registered_model("nobody's model")
    assert mlflow_is_away(answer.value) is None
    assert mlflow_is_away(BadInput("wrong")) is None


@pytest.mark.parametrize(
    ("seconds", "tries", "of_seconds"), [(600, 8, 75), (60, 4, 15), (12, 2, 6), (1, 1, 1)]
)
def test_mlflow_waits_as_long_as_we_do(
    seconds: int,
    tries: int,
    of_seconds: int,
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _client(address, tmp_path, monkeypatch, seconds)
    assert int(os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]) + 1 == tries
    assert int(os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"]) == of_seconds
