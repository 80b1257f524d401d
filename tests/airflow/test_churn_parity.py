"""The same delivery: what Prefect makes of the churn model, Airflow makes of it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from flows.churn.pipeline import DRIFT_MONITOR, SOURCES_CHANGED, TRAINING
from flows.churn.sample_data.writer import write_sample_data
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings
from tests.airflow.airflow_home import AirflowHome, DagRun
from tests.airflow.same_lineage import Told, runs_in, told
from tests.airflow.same_tables import tables
from tests.flow_runs import run_flow
from tests.platform.pipeline.lineage.read_events import events_of

pytestmark = pytest.mark.xdist_group("airflow")

# A scheduler's date, long after the last day that the files hold.
TODAY = date(2126, 11, 23)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The delivery that the settings name."""
    folder = tmp_path / "delivery"
    write_sample_data(folder, users=2000, seed=7)
    monkeypatch.setenv("KPI_CHURN__SOURCE", str(folder))
    return folder


@pytest.fixture
def both(settings: Settings, copy_of: Callable[[str], str]) -> list[str]:
    """Two empty warehouses."""
    url = database_url(settings)
    return [url, copy_of(url)]


@pytest.mark.usefixtures("prefect_api", "short_lived_java", "source")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_both_decide_the_same_and_see_the_same_drift(
    both: list[str], airflow: AirflowHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.churn.drift_monitor import churn_drift_monitor
    from flows.churn.training import churn_training

    monkeypatch.setenv("KPI_DATABASE_URL", both[0])
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "prefect"))
    assert run_flow(churn_training).completed
    assert run_flow(churn_drift_monitor).completed
    monkeypatch.setenv("KPI_DATABASE_URL", both[1])
    monkeypatch.setenv("KPI_HOME", str(tmp_path / "airflow"))
    trained = airflow.test_dag("churn_training_dag", TODAY)
    monitored = airflow.test_dag("churn_drift_monitor_w", TODAY)

    steps = [step.name for step in TRAINING.steps]
    assert trained.states == {**dict.fromkeys(steps, "success"), "skip_promotion": "skipped"}
    assert trained.results["decide_promotion"]["promote"]
    (decided,) = decisions(tmp_path / "prefect")
    assert trained.results["decide_promotion"] == decided
    assert decisions(tmp_path / "airflow") == [decided]
    steps = [step.name for step in DRIFT_MONITOR.steps]
    assert monitored.states == dict.fromkeys(steps, "success")
    assert (monitored.results["log_drift_result"]["lasting"], monitored.events) == (False, [])
    left = tables(both[1])
    assert left == tables(both[0])
    assert b"promoted" in left["dqm.bt_churn_promotions"]

    def lineage(home: Path, url: str) -> list[Told]:
        database = str(conninfo_to_dict(url)["dbname"])
        return [told(each, database, home) for each in runs_in(events_of(Settings(home=home)))]

    under_prefect = lineage(tmp_path / "prefect", both[0])
    assert [kinds[-1] for kinds, _ in under_prefect] == [
        ("churn_training", "COMPLETE"),
        ("churn_drift_monitor", "COMPLETE"),
    ]
    assert lineage(tmp_path / "airflow", both[1]) == under_prefect


@pytest.mark.usefixtures("source")
def test_changed_files_raise_the_event_that_trains(
    settings: Settings, airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))

    def watch() -> DagRun:
        return airflow.test_dag("churn_data_watchdog", TODAY)

    first = watch()
    assert first.succeeded
    assert first.events == [SOURCES_CHANGED]
    assert first.results["emit_source_update"]["due"]

    nothing = watch()
    assert nothing.succeeded
    assert nothing.events == []
    assert "No source file changed" in nothing.results["emit_source_update"]["message"]


def decisions(home: Path) -> list[Any]:
    """Return what the trainings of a home decided."""
    found = sorted((home / "churn" / "runs").glob("*/decision.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in found]
