"""One id goes through everything that a run leaves behind."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.log_lines import NO_RUN, AsJson, belongs_to, current_run_id
from flows.paths import REPOSITORY
from flows.platform.orchestration.run_logs import known_once_created, recorded_log
from flows.platform.storage.layout import run_log
from flows.platform.warehouse.connection import Connection, connect, database_url
from flows.settings import Settings
from tests.conftest import FEW_YEARS
from tests.platform.pipeline.lineage.read_events import events_of, kinds_of

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
]

UUID = "0f7b1f2e-5a0c-4f0a-9a53-1d2f3a4b5c6d"
OF_AIRFLOW = "crypto_events_dag/scheduled__2025-03-07T00:00:00+00:00"


@pytest.fixture
def _few_years(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh database's run fills its calendar: that of all years costs as much as the rest."""
    for name, year in FEW_YEARS.items():
        monkeypatch.setenv(f"KPI_CRYPTO__{name.upper()}", str(year))


def name_of_a_connection(settings: Settings, purpose: str) -> str:
    with connect(settings, purpose) as connection:
        row = connection.execute("SHOW application_name").fetchone()
    return str(dict(row or {})["application_name"])


def test_a_connection_says_its_purpose_and_the_run(settings: Settings) -> None:
    assert name_of_a_connection(settings, "merge_to_prod") == "kpi merge_to_prod"
    with belongs_to(UUID):
        assert name_of_a_connection(settings, "merge_to_prod") == f"kpi merge_to_prod {UUID}"
        cut = name_of_a_connection(settings, "generate_fake_history_last_5_days")
        assert cut == f"kpi generate_fake_history_ {UUID}"
    with belongs_to(OF_AIRFLOW):
        named = name_of_a_connection(settings, "merge_to_prod")
        assert named.endswith("scheduled__2025-03-07T00:00:00+00:00")
        assert named.startswith("kpi merge_to_prod ")
    assert current_run_id() == NO_RUN


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_each_line_of_a_runs_log_has_its_id(settings: Settings, log_format: str) -> None:
    settings = settings.model_copy(update={"log_format": log_format})
    with belongs_to(UUID), recorded_log(settings, "a-flow", UUID):
        logging.getLogger("flows.a_step").warning("ñ: %s rows", 3)
    (line,) = run_log(settings, "a-flow", UUID).read_text(encoding="utf-8").splitlines()
    if log_format == "json":
        told = json.loads(line)
        assert told["run"] == UUID
        assert (told["message"], told["level"]) == ("ñ: 3 rows", "WARNING")
    else:
        assert line.startswith(f"{UUID} | ")
        assert line.endswith("flows.a_step - ñ: 3 rows")


def test_a_json_line_keeps_a_traceback_in_one_line() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        trace: Any = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", None, trace)
    line = AsJson().format(record)
    assert "\n" not in line
    assert "ZeroDivisionError" in json.loads(line)["error"]


@pytest.mark.usefixtures("_few_years")
def test_under_prefect_log_lines_and_connections_of_every_task_have_the_runs_id(
    db: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_HOME", str(settings.home))
    assert settings.database_url
    monkeypatch.setenv("KPI_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("KPI_LOG_FORMAT", "json")
    from flows.crypto_events.flow import crypto_events

    state = crypto_events(as_of="2025-03-07", generate=False, return_state=True)

    run_id = str(state.state_details.flow_run_id)
    lines = run_log(settings, "crypto-events", run_id).read_text(encoding="utf-8").splitlines()
    assert lines
    assert {json.loads(line)["run"] for line in lines} == {run_id}
    row = db.execute("SELECT run_id FROM dqm.bt_crypto_events_runs").fetchone()
    assert row
    assert row["run_id"] == run_id


@pytest.mark.usefixtures("_few_years")
def test_a_line_about_a_run_that_was_just_created_has_its_id(
    db: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then a command has an id of its own, which that one line would have."""
    monkeypatch.setenv("KPI_HOME", str(settings.home))
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    from flows.crypto_events.flow import crypto_events

    told = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(json.loads(AsJson().format(record)))

    keep, engine = Keep(), logging.getLogger("prefect.engine")
    engine.addHandler(keep)
    try:
        with belongs_to("the command"), known_once_created():
            state = crypto_events(as_of="2025-03-07", generate=False, return_state=True)
    finally:
        engine.removeHandler(keep)

    assert {line["run"] for line in told} <= {str(state.state_details.flow_run_id)}
    assert current_run_id() == NO_RUN


def test_under_prefect_a_run_that_fails_before_its_steps_is_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_HOME", str(settings.home))
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    from flows.churn.training import churn_training

    state = churn_training(source=str(tmp_path / "nowhere"), return_state=True)

    events = events_of(settings)
    assert kinds_of(events) == [("churn_training", "START"), ("churn_training", "FAIL")]
    run_id = str(state.state_details.flow_run_id)
    assert {event["run"]["runId"] for event in events} == {run_id}
    assert events[-1]["run"]["facets"]["errorMessage"]["message"] == state.message


@pytest.mark.parametrize(("command", "has_an_id"), [("forget", True), ("metrics", False)])
def test_what_commands_log_is_as_the_runs_lines_are(command: str, has_an_id: bool) -> None:
    warn = (
        "import logging, sys, flows.cli\n"
        f"sys.argv = ['kpi', {command!r}]\n"
        "flows.cli.command_line = lambda: lambda: logging.getLogger('flows.x').warning('ñ')\n"
        "flows.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", warn],
        cwd=REPOSITORY,
        env={**os.environ, "KPI_LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        check=True,
    )
    [line] = done.stderr.splitlines()
    told = json.loads(line)
    assert (told["message"], told["level"]) == ("ñ", "WARNING")
    assert (told["run"] != NO_RUN) == has_an_id


def test_a_line_of_a_worker_has_the_id_of_the_run_that_it_is_about() -> None:
    about = {"msg": "submitting", "flow_run_id": UUID}
    assert json.loads(AsJson().format(logging.makeLogRecord(about)))["run"] == UUID
    with belongs_to("a command"):
        unknown = {"msg": "hello", "flow_run_id": "<unknown>"}
        assert json.loads(AsJson().format(logging.makeLogRecord(unknown)))["run"] == "a command"
