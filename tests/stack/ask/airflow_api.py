"""Airflow in the stack, used as people and other systems use it: over its REST API."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

import httpx

from flows.local.machine import wait_until
from tests.stack.ask.patient_http import SECONDS, post
from tests.stack.stack import PATIENCE, Stack

_ENDED = ("success", "failed")


@dataclass(frozen=True)
class AirflowApi:
    """A client that has logged in."""

    stack: Stack

    @cached_property
    def client(self) -> httpx.Client:
        """Asks in the name of `admin`."""
        login = {"username": "admin", "password": self.stack.values["AIRFLOW_ADMIN_PASSWORD"]}
        address = self.stack.address("AIRFLOW")
        token = post(f"{address}/auth/token", json=login).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        return httpx.Client(timeout=SECONDS, base_url=f"{address}/api/v2", headers=bearer)

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """Return what the API answers to a request that succeeds."""
        answer = self.client.request(method, path, json=body or None)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def switch_on(self, dag_id: str) -> None:
        """Let the scheduler run a DAG."""
        self.ask("PATCH", f"/dags/{dag_id}", is_paused=False)

    def trigger(self, dag_id: str, **conf: Any) -> str:
        """Ask for a run of today; return its id."""
        run = self.ask("POST", f"/dags/{dag_id}/dagRuns", logical_date=None, conf=conf)
        return str(run["dag_run_id"])

    def runs(self, dag_id: str) -> dict[str, str]:
        """Return the state of each run, oldest first."""
        found = self.ask("GET", f"/dags/{dag_id}/dagRuns?order_by=run_after")["dag_runs"]
        return {run["dag_run_id"]: run["state"] for run in found}

    def wait(self, dag_id: str, run_id: str) -> str:
        """Wait until a run has ended; return its state."""
        assert wait_until(lambda: self.runs(dag_id).get(run_id) in _ENDED, PATIENCE)
        return self.runs(dag_id)[run_id]

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Return what is known of each task of a run."""
        found = self.ask("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances")
        return {task["task_id"]: task for task in found["task_instances"]}

    def states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Return the state of each task of a run."""
        return {name: task["state"] for name, task in self.tasks(dag_id, run_id).items()}

    def result(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """Return a task's XCom."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}"
        return self.ask("GET", f"{path}/xcomEntries/return_value?deserialize=true")["value"]

    def log(self, dag_id: str, run_id: str, task_id: str, tried: int = 1) -> str:
        """Return what a task's log says."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}/logs/{tried}"
        return str(self.ask("GET", f"{path}?full_content=true")["content"])

    def clear(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Clear a task and what follows, as the button does that people press."""
        self.ask(
            "POST",
            f"/dags/{dag_id}/clearTaskInstances",
            dry_run=False,
            dag_run_id=run_id,
            task_ids=[task_id],
            include_downstream=True,
            only_failed=False,
        )
