"""The value of each metric, from rows as runs leave them, and from a real Prefect."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.local.machine import LOOPBACK, free_port
from flows.observed.serve import serve
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.observed.rows import compared, held, staged
from tests.observed.scrape import scraped
from tests.prefect_server import PrefectServer, running_server


def test_of_the_warehouse(db: Connection, port: int) -> None:
    staged(db, "2026-01-01 06:00+00", rejected=1, seconds=90)
    staged(db, "2026-01-02 06:00+00", rejected=3)
    compared(db, "2026-01-05", share=0.5, drifted=True)
    compared(db, "2026-01-12", share=0.25)
    compared(db, "2026-01-19", share=1, hole="days are missing")
    held(db, "churn_training", since="-2 hours", until="1 hour")
    held(db, "crypto_events", since="-2 hours", until="-1 hour")
    held(db, "a pipeline of long ago", since="-2 hours", until="1 hour")

    found = scraped(port)

    assert found["kpi_run_seconds"] == {"": 90}
    assert (found["kpi_run_rows"]["rejected"], found["kpi_run_rows"]["inserted"]) == (1, 4)
    # The later one was refused, and still says what it found.
    assert found["kpi_staged_published"] == {"": 0}
    assert found["kpi_staged_rows"] == {
        **{"raw": 5, "candidate": 2, "rejected": 3},
        **{"superseded": 0, "dismissed": 0},
    }
    assert found["kpi_drift_share"] == {"": 0.25}
    assert found["kpi_drift_week"] == {"": 0}
    assert list(found["kpi_pipeline_held_seconds"]) == ["churn_training"]
    assert 7200 <= found["kpi_pipeline_held_seconds"]["churn_training"] < 2 * 7200


def test_of_the_backup(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backed-up"
    file.touch()
    before = (datetime.now(UTC) - timedelta(hours=30)).timestamp()
    os.utime(file, (before, before))
    check = settings.check.model_copy(update={"backup_file": file})
    at = free_port()
    serve(settings.model_copy(update={"check": check}), LOOPBACK, at)

    found = scraped(at)

    assert 30 * 3600 <= found["kpi_backup_age_seconds"][""] < 60 * 3600
    assert found["kpi_check_ok"]["backup"] == 0


def test_what_is_not_set_is_not_told(port: int) -> None:
    found = scraped(port)
    assert "kpi_backup_age_seconds" not in found
    assert set(found["kpi_check_ok"]) == {"pipelines", "forgettings", "disk"}


@pytest.fixture
def prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrefectServer]:
    """A real server, which the metrics ask."""
    with running_server(tmp_path) as server:
        monkeypatch.setenv("PREFECT_API_URL", f"{server.url}/api")
        yield server


@pytest.mark.xdist_group("servers")
def test_of_prefect(prefect: PrefectServer, settings: Settings) -> None:
    flow = prefect.post("/flows/", {"name": "crypto-events"})["id"]

    def run(state: dict[str, Any]) -> str:
        return str(prefect.post("/flow_runs/", {"flow_id": flow, "state": state})["id"])

    def becomes(one: str, kind: str) -> None:
        prefect.post(f"/flow_runs/{one}/set_state", {"state": {"type": kind}, "force": True})

    for end in ("COMPLETED", "FAILED"):
        last = run({"type": "PENDING"})
        becomes(last, "RUNNING")
        becomes(last, end)
    becomes(run({"type": "PENDING"}), "RUNNING")
    for hours in (-1, 1):
        due = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
        run({"type": "SCHEDULED", "name": "Scheduled", "state_details": {"scheduled_time": due}})

    at = free_port()
    serve(settings, LOOPBACK, at)
    found = scraped(at)

    assert found["kpi_prefect_up"] == {"": 1}
    took = prefect.get(f"/flow_runs/{last}")["total_run_time"]
    assert took > 0
    assert found["kpi_flow_run_seconds"] == {"crypto_events": took}
    waits = found["kpi_prefect_runs"]
    # Those of later are not waiting; the server may call the other one late by now.
    assert waits.pop("late") + waits.pop("scheduled") == 1
    assert waits == {"pending": 0, "running": 1, "paused": 0, "retrying": 0}
