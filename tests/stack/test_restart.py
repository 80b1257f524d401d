"""The platform stopped and started again: everything is still there."""

from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.prefect_server import ask
from tests.s3_endpoint import keys
from tests.stack.ask.patient_http import SECONDS, get, post
from tests.stack.stack import Stack

NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def jupyter(stack: Stack) -> httpx.Client:
    """Return a client of JupyterLab that has logged in."""
    token = {"Authorization": f"token {stack.values['JUPYTER_TOKEN']}"}
    return httpx.Client(timeout=SECONDS, base_url=stack.address("JUPYTER"), headers=token)


def airflow(stack: Stack) -> httpx.Client:
    """Return a client of Airflow that has logged in."""
    login = {"username": "admin", "password": stack.values["AIRFLOW_ADMIN_PASSWORD"]}
    token = post(f"{stack.address('AIRFLOW')}/auth/token", json=login).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    return httpx.Client(timeout=SECONDS, base_url=stack.address("AIRFLOW"), headers=bearer)


def kept(stack: Stack) -> dict[str, Any]:
    """Return what people would miss."""
    completed = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    mlflow = f"{stack.address('MLFLOW')}/api/2.0/mlflow/registered-models/alias"
    production = {"name": "churn-model", "alias": "production"}
    snapshots = ("exec", "-T", "worker", "ls", "-R", "/var/lib/kpi/churn/drift_history")
    return {
        "events": stack.rows("SELECT * FROM prod.bt_crypto_events ORDER BY 1, 2, 3, 4"),
        "promotions": stack.rows("SELECT * FROM dqm.bt_churn_promotions"),
        "flow runs": ask(stack.address("PREFECT"), "POST", "/flow_runs/count", completed).json(),
        "production": get(mlflow, params=production).json(),
        "snapshots": stack.compose(*snapshots),
        "notebook": jupyter(stack).get("/api/contents/mine.ipynb").json()["content"],
        "variable": airflow(stack).get("/api/v2/variables/kept").json()["value"],
        "files": {
            bucket: keys(stack.s3, bucket)
            for bucket in ("ge-artifacts", "kpi-runs", "mlflow-artifacts")
        },
    }


def test_nothing_is_lost_and_nothing_is_built_again(ran: Stack, page: Page) -> None:
    mine = {"type": "notebook", "format": "json", "content": NOTEBOOK}
    assert jupyter(ran).put("/api/contents/mine.ipynb", json=mine).is_success
    variable = {"key": "kept", "value": "as it was"}
    assert airflow(ran).post("/api/v2/variables", json=variable).is_success
    before = kept(ran)
    file = ran.file.read_text()

    ran.make("down")
    assert ran.containers() == []
    said = ran.make("up", BUILD="0")

    assert ran.file.read_text() == file
    assert ran.address("PREFECT") in said
    assert kept(ran) == before
    assert "MLflow's tables are up to date." in ran.compose("logs", "databases")
    assert "Airflow's tables are up to date." in ran.compose("logs", "airflow-migrate")
    page.goto(f"{ran.address('STREAMLIT')}/score")
    expect(page.get_by_text("Model version 1, trained as of")).to_be_visible()


def test_a_run_that_died_with_its_worker_does_not_block_the_next(ran: Stack) -> None:
    prefect = ran.address("PREFECT")
    daily = ask(prefect, "GET", "/deployments/name/crypto-events/daily").json()["id"]
    run = ask(prefect, "POST", f"/deployments/{daily}/create_flow_run", {}).json()["id"]
    ran.wait_for_run(run, "RUNNING")

    ran.compose("kill", "worker")
    ran.compose("rm", "--force", "worker")
    ran.make("up", BUILD="0")

    ran.wait_for_run(run, "CRASHED")
    assert "Completed" in ran.make("crypto-run")
