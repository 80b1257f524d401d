"""Services that restart while runs are under way, and workers that come while others work.

Which service restarts in the midst of which deployment is drawn by a seed, which is part of the
test's name: the variable KPI_TEST_SEED repeats a draw.
"""

import os
from functools import partial
from hashlib import sha256
from secrets import token_hex
from typing import Any

import httpx
import pytest

from flows.local.machine import wait_until
from tests.prefect_server import ask
from tests.stack.stack import ENDED, PATIENCE, Stack

SERVICES = ("postgres", "prefect", "minio", "mlflow", "redis", "spark-worker")
DEPLOYMENTS = (
    "churn-training/on-change",
    "churn-drift-monitor/weekly",
    "churn-scoring/weekly",
    "churn-watchdog/daily",
    "crypto-events/daily",
    "crypto-events/backfill",
)
SEED = os.environ.get("KPI_TEST_SEED") or token_hex(2)


def prefect(stack: Stack, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask Prefect, again for as long as it is away."""
    answers: list[Any] = []

    def answered() -> bool:
        method = "GET" if body is None else "POST"
        try:
            answers.append(ask(stack.address("PREFECT"), method, path, body).json())
        except httpx.TransportError:
            return False
        except httpx.HTTPStatusError as error:
            if not error.response.is_server_error:
                raise
            return False
        return True

    assert wait_until(answered, PATIENCE)
    return answers[-1]


def start(stack: Stack, deployment: str) -> str:
    found = prefect(stack, f"/deployments/name/{deployment}")
    return str(prefect(stack, f"/deployments/{found['id']}/create_flow_run", {})["id"])


def state(stack: Stack, run: str) -> str:
    return str(prefect(stack, f"/flow_runs/{run}")["state_type"])


def scale(stack: Stack, workers: int) -> None:
    several = ("--scale", f"worker={workers}", "worker")
    stack.compose("up", "--detach", "--no-deps", "--no-recreate", "--no-build", *several)


def written(stack: Stack) -> dict[str, Any]:
    """Return what runs of the same day write, however often they run."""
    return {
        "events": stack.rows("SELECT * FROM prod.bt_crypto_events ORDER BY 1, 2, 3, 4"),
        "rejects": stack.rows("SELECT count(*) FROM dqm.bt_crypto_events_rejects"),
        "drift": stack.rows(
            "SELECT DISTINCT snapshot_day, column_name, method, score, drifted"
            " FROM dqm.bt_churn_drift ORDER BY 1, 2"
        ),
        "scores": stack.rows(
            "SELECT as_of, user_id, model_version, probability"
            " FROM prod.bt_churn_scores ORDER BY 1, 2"
        ),
        "production": stack.rows(
            "SELECT version FROM dqm.bt_churn_promotions WHERE action = 'promoted'"
        ),
    }


def start_and_see_running(stack: Stack, deployment: str) -> str:
    """Ask for a run, and wait until it is in its midst."""
    run = start(stack, deployment)
    assert wait_until(lambda: state(stack, run) in ("RUNNING", *ENDED), PATIENCE)
    assert state(stack, run) == "RUNNING", deployment
    return run


def place(seed: str, service: str) -> str:
    """Return what orders the services as the seed wants it."""
    return sha256(f"{seed} {service}".encode()).hexdigest()


@pytest.fixture
def scored(ran: Stack) -> Stack:
    """The platform after every deployment has written what it writes."""
    # Other tests repair and dismiss rows: a run takes them up.
    for deployment in ("crypto-events/daily", "churn-scoring/weekly"):
        ran.wait_for_run(start(ran, deployment), "COMPLETED")
    return ran


@pytest.mark.parametrize("seed", [SEED], ids=[f"KPI_TEST_SEED={SEED}"])
def test_every_run_ends_well_when_a_service_restarts_in_its_midst(scored: Stack, seed: str) -> None:
    drawn = dict(zip(DEPLOYMENTS, sorted(SERVICES, key=partial(place, seed)), strict=True))
    before = written(scored)
    workers = iter((2, 3))
    runs: dict[str, str] = {}
    try:
        for deployment, service in drawn.items():
            runs[deployment] = start_and_see_running(scored, deployment)
            scored.compose("restart", service)
            # Another worker comes while the runs of the first are healthy.
            if number := next(workers, None):
                scale(scored, number)
        for deployment, run in runs.items():
            assert wait_until(lambda run=run: state(scored, run) in ENDED, PATIENCE)
            ended = prefect(scored, f"/flow_runs/{run}")["state"]
            # No worker took the run of another for lost.
            why = f"{deployment}, {drawn[deployment]} restarted: {ended['message']}"
            assert ended["type"] in ("COMPLETED", "FAILED"), why
            if ended["type"] == "FAILED":
                assert_sentence(ended["message"])
                again = {"type": "SCHEDULED", "name": "AwaitingRetry"}
                prefect(scored, f"/flow_runs/{run}/set_state", {"state": again, "force": True})
                assert wait_until(lambda run=run: state(scored, run) == "COMPLETED", PATIENCE)
        assert len(prefect(scored, "/work_pools/kpi/workers/filter", {})) >= 3
    finally:
        scale(scored, 1)
    assert written(scored) == before


def assert_sentence(message: str) -> None:
    assert message.rstrip().endswith("."), message
    assert not any(word in message for word in ("Traceback", "HTTPStatusError", "encountered"))
