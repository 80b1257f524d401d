"""Workers beside one another: a run is crashed when its worker is gone, and no run before."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flows.local.machine import free_port, wait_until
from flows.platform.deployments.declared import WORK_POOL
from tests.operations.test_worker import healthy
from tests.prefect_server import PATIENCE, PrefectServer

pytestmark = pytest.mark.xdist_group("servers")

# As containers have them: names and processes of their own. The last line is what `init: true` of
# the compose file does with the worker when its container is killed.
CONTAINER = (
    *("unshare", "--user", "--map-root-user", "--pid", "--uts", "--mount-proc"),
    *("--fork", "--kill-child"),
    *("sh", "-c", 'hostname "$1" && shift && exec "$@"', "sh"),
)
SECONDS = {"PREFECT_WORKER_HEARTBEAT_SECONDS": "1", "PREFECT_WORKER_QUERY_SECONDS": "1"}


@contextmanager
def container(prefect: PrefectServer, host: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `kpi worker` in what it takes for a machine of its own, until the end of the block."""
    port = free_port()
    command = [*CONTAINER, host, sys.executable, "-m", "flows.cli", "worker", "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=Path(__file__).parent,
        env={**prefect.environment, **SECONDS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert wait_until(lambda: healthy(port) or process.poll() is not None, PATIENCE)
            assert process.poll() is None
            yield process
        finally:
            process.kill()


def beats(prefect: PrefectServer) -> dict[str, str]:
    """Return when each worker was last heard of."""
    found = prefect.post(f"/work_pools/{WORK_POOL}/workers/filter", {})
    return {worker["name"]: worker["last_heartbeat_time"] for worker in found}


def wait_for_beats(prefect: PrefectServer, host: str, count: int) -> None:
    """Wait until a worker of this host was heard of so many times more."""
    seen: set[str] = set()

    def enough() -> bool:
        seen.update(time for name, time in beats(prefect).items() if f"-{host}-" in name)
        return len(seen) > count

    assert wait_until(enough, PATIENCE)


@pytest.fixture
def sleepers(prefect: PrefectServer, tmp_path: Path) -> list[str]:
    """Two runs of the work pool that last until somebody ends them."""
    prefect.post("/work_pools/", {"name": WORK_POOL, "type": "process"})
    prefect.run("deploy.py", "tests.operations.sleeping_flow:sleeper", WORK_POOL)
    return [
        prefect.create_run("sleeper/test", pid_file=str(tmp_path / f"{number}"))
        for number in range(2)
    ]


def run(prefect: PrefectServer, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = prefect.get(f"/flow_runs/{run_id}")
    return found


def reached(prefect: PrefectServer, run_id: str, state: str) -> bool:
    return wait_until(lambda: run(prefect, run_id)["state_type"] == state, PATIENCE)


def test_a_run_is_crashed_when_its_worker_is_gone_and_not_before(
    prefect: PrefectServer, sleepers: list[str]
) -> None:
    [one, _] = sleepers
    with container(prefect, "first") as first:
        assert all(reached(prefect, each, "RUNNING") for each in sleepers)
        assert run(prefect, one)["infrastructure_pid"].startswith("first:")
        told = [state["message"] for state in prefect.get(f"/flow_run_states/?flow_run_id={one}")]
        assert any(text and text.startswith("Claimed by the worker kpi-first-") for text in told)
        # The third has the first one's name, as all replicas had: it is no proof of anything.
        with container(prefect, "second"), container(prefect, "first"):
            wait_for_beats(prefect, "second", 9)
            assert [run(prefect, each)["state_type"] for each in sleepers] == ["RUNNING"] * 2
        os.kill(first.pid, signal.SIGKILL)
    # As after `docker compose up`: another container, which nobody told of the former one.
    with container(prefect, "later"):
        assert all(reached(prefect, each, "CRASHED") for each in sleepers)
        assert "Its process is gone" in run(prefect, one)["state"]["message"]
