"""From an event to a training, on a real Prefect server: no worker runs, the run is scheduled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.local.machine import wait_until
from flows.platform.warehouse.connection import Connection, database_url
from flows.settings import Settings
from tests.churn.churn_files import deliver
from tests.prefect_server import PATIENCE, PrefectServer, running_server

pytestmark = pytest.mark.xdist_group("servers")

CLIENT = Path(__file__).with_name("retraining_client.py")


@pytest.fixture
def prefect(tmp_path: Path) -> Iterator[PrefectServer]:
    """A Prefect server that ends with the test."""
    with running_server(tmp_path) as server:
        yield server


def test_each_event_starts_one_training(
    prefect: PrefectServer,
    settings: Settings,
    tmp_path: Path,
    db: Connection,
) -> None:
    source = str(deliver(tmp_path / "source"))

    prefect.run(str(CLIENT), source, KPI_DATABASE_URL=database_url(settings))

    # The server stores events in batches, a little after it acted on them.
    wait_until(lambda: len(trainings(prefect)) + len(told(prefect, "churn.")) >= 8, PATIENCE)
    changes, drift, worse = (
        told(prefect, f"churn.{what}.") for what in ("sources", "drift", "model")
    )
    assert [sorted(event["payload"]["changed"]) for event in changes] == [
        ["ACTIVE_USER", "DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA", "PAYMENTS"],
        ["DEMOGRAFICOS"],
    ]
    assert len(drift) == len(worse) == 1
    # Four looks at the files, of which two found them as they were; the others were said twice.
    rows = db.execute("SELECT event_at FROM dqm.bt_churn_sources ORDER BY checked_at").fetchall()
    assert [row["event_at"] is not None for row in rows] == [True, False, True, False]
    started = trainings(prefect)
    assert [run["state_type"] for run in started] == ["SCHEDULED"] * 4
    assert [run["parameters"] for run in started] == [{"source": source}] * 4


def trainings(prefect: PrefectServer) -> list[dict[str, Any]]:
    """The runs of the deployment churn-training/on-change."""
    return prefect.post("/flow_runs/filter", {"deployments": {"name": {"any_": ["on-change"]}}})


def told(prefect: PrefectServer, prefix: str) -> list[dict[str, Any]]:
    """The events that the server has, the first one first."""
    found = prefect.post("/events/filter", {"filter": {"event": {"prefix": [prefix]}}})
    return sorted(found["events"], key=lambda event: str(event["occurred"]))
