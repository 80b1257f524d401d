"""What `make crypto-run` and its like say, asked of a real Prefect server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from compose.stack.runs.prefect import run_deployment
from compose.stack.speech import Failed
from flows.local.machine import free_port, wait_until
from tests.prefect_server import PATIENCE, PrefectServer, running_server

pytestmark = pytest.mark.xdist_group("servers")

NAME = "some-flow/daily"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A server with one deployment, which no worker runs."""
    with running_server(tmp_path_factory.mktemp("prefect")) as running:
        flow = running.post("/flows/", {"name": "some-flow"})
        running.post("/deployments/", {"name": "daily", "flow_id": flow["id"]})
        yield running


def values(port: int | None, patience: int = PATIENCE) -> dict[str, str]:
    return {
        "PREFECT_PORT": str(port),
        "PREFECT_URL": "https://prefect.example.com",
        "KPI_PATIENCE_SECONDS": str(patience),
    }


def runs(server: PrefectServer) -> list[str]:
    """The ids of the runs that nobody has ended, newest first."""
    wanted = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED", "RUNNING"]}}}}
    return [run["id"] for run in server.post("/flow_runs/filter", wanted)]


def enter(server: PrefectServer, run: str, kind: str, message: str | None = None) -> None:
    """Let the run be in a state, as a worker would."""
    state = {"type": kind, "message": message}
    server.post(f"/flow_runs/{run}/set_state", {"state": state, "force": True})


@pytest.fixture
def port(server: PrefectServer) -> Iterator[int | None]:
    """Where it listens; runs that a test left behind are ended."""
    yield urlsplit(server.url).port
    for run in runs(server):
        enter(server, run, "CANCELLED")


@pytest.mark.parametrize(
    ("kind", "reason", "told"),
    [
        ("FAILED", "12 rows break the contract.", "ended as Failed: 12 rows break the contract. "),
        ("CRASHED", None, "ended as Crashed: it gives no reason. "),
    ],
)
def test_a_run_that_does_not_complete_tells_its_reason(
    kind: str,
    reason: str | None,
    told: str,
    server: PrefectServer,
    port: int | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ThreadPoolExecutor(1) as pool:
        watched = pool.submit(run_deployment, values(port), NAME)
        assert wait_until(lambda: watched.done() or bool(runs(server)), PATIENCE)
        (run,) = runs(server)
        enter(server, run, "RUNNING")
        enter(server, run, kind, reason)
        with pytest.raises(Failed) as failed:
            watched.result(PATIENCE)

    assert told in str(failed.value)
    assert "make logs SERVICE=worker" in str(failed.value)
    assert f"https://prefect.example.com/flow-runs/flow-run/{run}" in capsys.readouterr().out


def test_a_run_that_completes(
    server: PrefectServer, port: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(1) as pool:
        watched = pool.submit(run_deployment, values(port), NAME)
        assert wait_until(lambda: watched.done() or bool(runs(server)), PATIENCE)
        (run,) = runs(server)
        task = {"flow_run_id": run, "task_key": "t", "dynamic_key": "0", "name": "merge_to_prod-0"}
        server.post("/task_runs/", {**task, "state": {"type": "COMPLETED"}})
        enter(server, run, "COMPLETED")
        watched.result(PATIENCE)

    said = capsys.readouterr().out
    assert "  merge_to_prod-0: Completed\n" in said
    assert said.endswith(" ended as Completed.\n")


def test_a_run_that_no_worker_begins(server: PrefectServer, port: int | None) -> None:
    with pytest.raises(Failed, match="No worker has begun the run in 1 seconds; it stays schedul"):
        run_deployment(values(port, patience=1), NAME)

    assert len(runs(server)) == 1


def test_what_is_not_registered(server: PrefectServer, port: int | None) -> None:
    with pytest.raises(Failed, match=r"has no deployment other/name: make deploy registers all\."):
        run_deployment(values(port), "other/name")

    assert runs(server) == []


def test_a_server_that_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    nobody = free_port()

    with pytest.raises(Failed, match=f"Prefect does not answer .* at http://127.0.0.1:{nobody}: "):
        run_deployment(values(nobody, patience=1), NAME)

    assert "waiting up to 1 s for it ..." in capsys.readouterr().out
