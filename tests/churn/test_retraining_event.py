"""From an event to a training, on a real Prefect server: no worker runs, the run is scheduled."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from churn_files import deliver

from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.platform.settings import Settings
from flows.platform.warehouse import Connection, database_url

pytestmark = pytest.mark.xdist_group("prefect")

PATIENCE = 120
CLIENT = Path(__file__).with_name("retraining_client.py")


@pytest.fixture
def prefect_environment(tmp_path: Path) -> dict[str, str]:
    """The environment of the server and its clients: nothing of the developer's Prefect."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return {
        **ours,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_EXPERIMENTAL_EVENTS": "true",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }


@pytest.fixture
def server_url(prefect_environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Address of the API of a Prefect server that ends with the test."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}/api"
    command = (
        *("-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
        *("--host", LOOPBACK, "--port", str(port), "--log-level", "warning"),
    )
    log = tmp_path / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, *command],
            env={**prefect_environment, "PREFECT_UI_ENABLED": "false"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ) as server,
    ):
        try:
            ready = wait_until(lambda: server.poll() is not None or _healthy(url), PATIENCE)
            assert ready, log.read_text(encoding="utf-8")
            assert server.poll() is None, log.read_text(encoding="utf-8")
            yield url
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def test_each_event_starts_one_training(
    server_url: str,
    prefect_environment: dict[str, str],
    settings: Settings,
    tmp_path: Path,
    db: Connection,
) -> None:
    source = str(deliver(tmp_path / "source"))

    done = subprocess.run(
        [sys.executable, CLIENT, source],
        cwd=CLIENT.parent,
        env={
            **prefect_environment,
            "PREFECT_API_URL": server_url,
            "KPI_DATABASE_URL": database_url(settings),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    # The server stores events in batches, a little after it acted on them.
    wait_until(lambda: len(trainings(server_url)) + len(told(server_url, "churn.")) >= 6, PATIENCE)
    changes, drift = (told(server_url, f"churn.{what}.") for what in ("sources", "drift"))
    assert [sorted(event["payload"]["changed"]) for event in changes] == [
        ["ACTIVE_USER", "DEMOGRAFICOS", "DINERO_CUENTA", "MARKETPLACE_DATA", "PAYMENTS"],
        ["DEMOGRAFICOS"],
    ]
    assert len(drift) == 1
    # Four looks at the files, of which two found them as they were; drift was said twice.
    rows = db.execute("SELECT event_at FROM dqm.bt_churn_sources ORDER BY checked_at").fetchall()
    assert [row["event_at"] is not None for row in rows] == [True, False, True, False]
    started = trainings(server_url)
    assert [run["state_type"] for run in started] == ["SCHEDULED"] * 3
    assert [run["parameters"] for run in started] == [{"source": source}] * 3


def trainings(url: str) -> list[dict[str, Any]]:
    """The runs of the deployment churn-training/on-change."""
    return _post(f"{url}/flow_runs/filter", {"deployments": {"name": {"any_": ["on-change"]}}})


def told(url: str, prefix: str) -> list[dict[str, Any]]:
    """The events that the server has, the first one first."""
    found = _post(f"{url}/events/filter", {"filter": {"event": {"prefix": [prefix]}}})
    return sorted(found["events"], key=lambda event: str(event["occurred"]))


def _post(url: str, body: dict[str, Any]) -> Any:
    return httpx.post(url, json=body, timeout=PATIENCE).raise_for_status().json()


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=PATIENCE).is_success
    except httpx.TransportError:
        return False
