"""Run an Airflow DAG from the host, and tell how DAGs and their runs are."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from compose.stack.runs.service import NOT_FOUND, POLL_SECONDS, Refused, Service, service_of
from compose.stack.speech import Failed, say

ENDED = ("success", "failed")
USUAL_DAG = "crypto_events_dag"
RUNS_SHOWN = 5


def run_dag(values: Mapping[str, str], dag: str) -> None:
    """Run the DAG, unpaused where it is paused, and show each task as it ends.

    Raises Failed with the reason of the tasks that failed.
    """
    airflow = _logged_in(values)
    if _dag(airflow, dag)["is_paused"]:
        airflow.ask(f"/api/v2/dags/{dag}", {"is_paused": False}, method="PATCH")
        say(f"{dag} was paused: from now on it runs on its schedule as well.")
    path = f"/api/v2/dags/{dag}/dagRuns"
    # Once: a run that was created unseen must not get a twin.
    run = airflow.ask(path, {"logical_date": None}, once=True)["dag_run_id"]
    pages = values["AIRFLOW_URL"] or airflow.address
    say(f"{dag} is the run {run}: {pages}/dags/{dag}/runs/{quote(run)}")
    shown: dict[str, str] = {}
    while True:
        state = airflow.ask(f"{path}/{quote(run)}")["state"]
        for task in _tasks(airflow, dag, run):
            name, now = task["task_id"], task["state"] or "waits"
            if now not in ("waits", shown.get(name)):
                say(f"  {name}: {now}")
            shown[name] = now
        if state in ENDED:
            break
        time.sleep(POLL_SECONDS)
    if state != "success":
        raise Failed(f"{dag} failed: {'; '.join(_reasons(airflow, dag, run))}")
    say(f"{dag} succeeded.")


def dag_status(values: Mapping[str, str], dag: str | None) -> None:
    """Show how every DAG's last run ended; of one DAG its last runs, and the newest one's tasks."""
    airflow = _logged_in(values)
    if dag is None:
        for each in airflow.ask("/api/v2/dags?order_by=dag_id")["dags"]:
            name = each["dag_id"]
            last = "".join(map(_line, _runs(airflow, name, 1))) or "never ran"
            say(f"{name:<24} {'paused' if each['is_paused'] else 'active':<7} {last}")
        return
    state = "paused" if _dag(airflow, dag)["is_paused"] else "active"
    runs = _runs(airflow, dag, RUNS_SHOWN)
    say(f"{dag} is {state}, and {'ran:' if runs else 'never ran.'}")
    for run in runs:
        say(f"  {_line(run)}  {run['dag_run_id']}")
    for run in runs[:1]:
        say(f"The tasks of {run['dag_run_id']}:")
        for task in _tasks(airflow, dag, run["dag_run_id"]):
            tried = f", try {task['try_number']}" if task["try_number"] > 1 else ""
            say(f"  {task['task_id']:<32} {task['state'] or 'waits'}{tried}")
        for reason in _reasons(airflow, dag, run["dag_run_id"]):
            say(reason)


def _logged_in(values: Mapping[str, str]) -> Service:
    login = {"username": "admin", "password": values["AIRFLOW_ADMIN_PASSWORD"]}
    airflow = service_of(values, "Airflow", "AIRFLOW_PORT")
    token = airflow.ask("/auth/token", login)["access_token"]
    return replace(airflow, headers={"Authorization": f"Bearer {token}"})


def _dag(airflow: Service, dag: str) -> Any:
    try:
        return airflow.ask(f"/api/v2/dags/{quote(dag, safe='')}")
    except Refused as error:
        if error.status != NOT_FOUND:
            raise
    names = [each["dag_id"] for each in airflow.ask("/api/v2/dags?order_by=dag_id")["dags"]]
    raise Failed(f"Airflow has no DAG {dag}: choose among {', '.join(names)}.")


def _runs(airflow: Service, dag: str, limit: int) -> list[dict[str, Any]]:
    """The last runs of a DAG, newest first."""
    path = f"/api/v2/dags/{dag}/dagRuns?order_by=-run_after&limit={limit}"
    found: list[dict[str, Any]] = airflow.ask(path)["dag_runs"]
    return found


def _line(run: Mapping[str, Any]) -> str:
    return f"{run['run_after'][:16].replace('T', ' ')} UTC  {run['state']}"


def _tasks(airflow: Service, dag: str, run: str) -> list[dict[str, Any]]:
    """The tasks of a run, in the order in which they began."""
    path = f"/api/v2/dags/{dag}/dagRuns/{quote(run)}/taskInstances"
    found: list[dict[str, Any]] = airflow.ask(path)["task_instances"]
    return sorted(found, key=lambda task: task["start_date"] or "Z")


def _reasons(airflow: Service, dag: str, run: str) -> list[str]:
    """What each failed task says of itself."""
    return [
        f"{task['task_id']}: {_last_words(airflow, dag, run, task)}"
        for task in _tasks(airflow, dag, run)
        if task["state"] == "failed"
    ]


def _last_words(airflow: Service, dag: str, run: str, task: Mapping[str, Any]) -> str:
    """The error that ended the task; the last line of its log where none is told."""
    path = f"/api/v2/dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task['task_id']}"
    lines = airflow.ask(f"{path}/logs/{task['try_number']}?full_content=true")["content"]
    errors = [error["exc_value"] for line in lines for error in line.get("error_detail") or []]
    events = [line["event"] for line in lines if line.get("event")]
    return str((errors or events or ["it left no log."])[-1])
