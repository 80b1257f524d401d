"""A run whose process ends in the middle is told of once, whoever is left to tell."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.local.machine import wait_until
from tests.prefect_server import PATIENCE, PrefectServer
from tests.webhook import Webhook, webhook

pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """The webhook of the processes that the test starts."""
    with webhook() as received:
        monkeypatch.setenv("KPI_WEBHOOK_URL", received.url)
        yield received


def kill_one(prefect: PrefectServer, pid_file: Path, number: signal.Signals) -> str:
    """Start a run, kill its process in the middle, and return the id of the run."""
    with prefect.start("sleeping_flow.py", PID_FILE=str(pid_file)) as process:
        started = wait_until(lambda: pid_file.exists() or process.poll() is not None, PATIENCE)
        assert started
        assert process.poll() is None, process.stdout.read()
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    [run, *_] = prefect.post("/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC"})
    return str(run["id"])


def test_a_run_that_is_terminated_tells_so_itself(
    prefect: PrefectServer, hook: Webhook, tmp_path: Path
) -> None:
    run_id = kill_one(prefect, tmp_path / "pid", signal.SIGTERM)

    run = prefect.get(f"/flow_runs/{run_id}")
    assert run["state_type"] == "CRASHED"
    assert hook.texts == [
        "sleeper crashed: Execution was aborted by a termination signal.\n"
        f"<{prefect.url}/flow-runs/flow-run/{run_id}|{run['name']}>"
    ]


def test_the_server_tells_of_a_run_that_cannot(
    prefect: PrefectServer, hook: Webhook, tmp_path: Path
) -> None:
    assert prefect.run("register_crash_automation.py").split() == ["True", "True", "True"]
    assert len(prefect.post("/automations/filter", {})) == 1

    run_id = kill_one(prefect, tmp_path / "pid", signal.SIGKILL)
    assert prefect.get(f"/flow_runs/{run_id}")["state_type"] == "RUNNING"
    # As a worker does for a process that it started.
    crashed = {"type": "CRASHED", "message": "Its process exited with -9."}
    prefect.post(f"/flow_runs/{run_id}/set_state", {"state": crashed})

    wait_until(lambda: bool(hook.texts), PATIENCE)
    name = prefect.get(f"/flow_runs/{run_id}")["name"]
    assert hook.texts == [
        "sleeper crashed: Its process exited with -9.\n"
        f"<{prefect.url}/flow-runs/flow-run/{run_id}|{name}>"
    ]


def test_both_can_speak_and_one_does(prefect: PrefectServer, hook: Webhook, tmp_path: Path) -> None:
    prefect.run("register_crash_automation.py")

    kill_one(prefect, tmp_path / "pid", signal.SIGTERM)

    assert wait_until(lambda: bool(hook.texts), PATIENCE)
    # Whatever the hook had to say, it said before its process ended.
    assert len(hook.texts) == 1


def test_without_a_webhook_the_server_tells_nobody(prefect: PrefectServer) -> None:
    assert prefect.run("register_crash_automation.py").split() == ["False", "False", "False"]
    assert prefect.post("/automations/filter", {}) == []
