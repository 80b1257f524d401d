"""Run a Prefect deployment from the host, and tell how it ended and why."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from compose.stack.runs.service import (
    FORBIDDEN,
    NOT_FOUND,
    POLL_SECONDS,
    Refused,
    Service,
    service_of,
)
from compose.stack.speech import Failed, say

ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
WAITING = ("SCHEDULED", "PENDING")


class _Prefect:
    """Prefect's API, which lets write who asked it for a token; it forgets that after an hour."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def ask(self, path: str, body: object = None, *, once: bool = False) -> Any:
        """Return its answer, as `Service.ask` does."""
        try:
            return self.service.ask(path, body, once=once)
        except Refused as error:
            if error.status != FORBIDDEN:
                raise
        client = str(uuid4())
        token = self.service.ask(f"/api/csrf-token?client={client}")["token"]
        headers = {"Prefect-Csrf-Client": client, "Prefect-Csrf-Token": token}
        self.service = replace(self.service, headers=headers)
        return self.service.ask(path, body, once=once)


def run_deployment(values: Mapping[str, str], name: str) -> None:
    """Run the deployment and show each step as it ends.

    Raises Failed with the run's own reason when it does not complete, and when nothing begins it
    within KPI_PATIENCE_SECONDS; then it stays scheduled.
    """
    prefect = _Prefect(service_of(values, "Prefect", "PREFECT_PORT"))
    try:
        deployment = prefect.ask(f"/api/deployments/name/{name}")
    except Refused as error:
        if error.status != NOT_FOUND:
            raise
        raise Failed(f"Prefect has no deployment {name}: make deploy registers all.") from None
    path = f"/api/deployments/{deployment['id']}/create_flow_run"
    # Once: a run that was created unseen must not get a twin.
    run = prefect.ask(path, {}, once=True)
    pages = values["PREFECT_URL"] or prefect.service.address
    say(f"{name} is the run {run['name']}: {pages}/flow-runs/flow-run/{run['id']}")
    state = _watch(prefect, run["id"])
    if state["type"] != "COMPLETED":
        raise Failed(
            f"{run['name']} ended as {state['name']}: {state['message'] or 'it gives no reason.'} "
            "Its log: make logs SERVICE=worker."
        )
    say(f"{run['name']} ended as {state['name']}.")


def _watch(prefect: _Prefect, run: str) -> Mapping[str, Any]:
    """Show what happens until the run has ended; its last state."""
    shown = ""
    steps: dict[str, str] = {}
    deadline = time.monotonic() + prefect.service.patience_seconds
    while True:
        state: Mapping[str, Any] = prefect.ask(f"/api/flow_runs/{run}")["state"]
        for step, now in _steps(prefect, run).items():
            if steps.get(step) != now:
                say(f"  {step}: {now}")
            steps[step] = now
        if state["type"] in ENDED:
            return state
        if state["name"] != shown:
            shown = state["name"]
            say(f"It is {shown}.")
        if state["type"] in WAITING and time.monotonic() > deadline:
            raise Failed(
                f"No worker has begun the run in {prefect.service.patience_seconds} seconds; "
                "it stays scheduled. Another run may be under way, or the worker is down: "
                "make logs SERVICE=worker tells."
            )
        time.sleep(POLL_SECONDS)


def _steps(prefect: _Prefect, run: str) -> dict[str, str]:
    """The state of each task that has begun, in their order."""
    wanted = {"flow_runs": {"id": {"any_": [run]}}, "sort": "EXPECTED_START_TIME_ASC"}
    found = prefect.ask("/api/task_runs/filter", wanted)
    return {task["name"]: task["state_name"] for task in found}
