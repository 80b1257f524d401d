"""Airflow's own database is cleaned: told first, then done, and nothing of it is put aside."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from deployments.airflow import clean_daily
from flows.settings.retention import RetentionSettings
from tests.airflow.airflow_home import AirflowHome

pytestmark = pytest.mark.xdist_group("airflow")

NOW = datetime(2026, 6, 30, tzinfo=UTC)
CLEAN = (
    "import json; from deployments.airflow import clean_daily as daily;"
    "print(json.dumps([daily.clean(), daily.FAILED.exists()]))"
)


def test_what_is_not_set_is_as_in_the_settings() -> None:
    kept = RetentionSettings()
    assert (kept.mode, kept.airflow_logs_days) == (clean_daily.MODE, clean_daily.DAYS)
    assert clean_daily.command({}, NOW)[-1] == "--dry-run"
    assert "2026-04-01T00:00:00+00:00" in clean_daily.command({}, NOW)


def test_old_rows_are_told_then_removed(
    airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{airflow.programs}:/usr/bin:/bin")
    monkeypatch.setenv("KPI_RETENTION__AIRFLOW_LOGS_DAYS", "30")
    _log(airflow, old=3, new=2)

    told = airflow.run("python", "-c", CLEAN)
    assert "Found 3 rows meeting deletion criteria" in told
    assert _logged(airflow) == {"old": 3, "new": 2}

    monkeypatch.setenv("KPI_RETENTION__MODE", "prune")
    done = airflow.run("python", "-c", CLEAN)
    assert json.loads(done.splitlines()[-1]) == [True, False]
    assert _logged(airflow) == {"new": 2}
    with closing(sqlite3.connect(airflow.folder / "airflow.db")) as db:
        put_aside = db.execute("SELECT name FROM sqlite_master WHERE name LIKE '_airflow_deleted%'")
        assert put_aside.fetchall() == []


def test_a_failure_is_told_and_found_by_the_health_check(
    airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{airflow.programs}:/usr/bin:/bin")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite:////nowhere/airflow.db")

    done = airflow.run("python", "-c", CLEAN)

    clean_daily.FAILED.unlink()
    assert json.loads(done.splitlines()[-1]) == [False, True]


def _log(airflow: AirflowHome, *, old: int, new: int) -> None:
    """Lines of what was done in Airflow, of forty days ago and of today."""
    today = datetime.now(UTC)
    rows = [("old", today - timedelta(days=40))] * old + [("new", today)] * new
    with closing(sqlite3.connect(airflow.folder / "airflow.db")) as db:
        db.execute("DELETE FROM log")
        db.executemany(
            "INSERT INTO log (event, dttm) VALUES (?, ?)",
            [(event, f"{at:%Y-%m-%d %H:%M:%S.%f}") for event, at in rows],
        )
        db.commit()


def _logged(airflow: AirflowHome) -> dict[str, int]:
    with closing(sqlite3.connect(airflow.folder / "airflow.db")) as db:
        # The command leaves a line of its own.
        query = "SELECT event, count(*) FROM log WHERE event IN ('old', 'new') GROUP BY event"
        return dict(db.execute(query))
