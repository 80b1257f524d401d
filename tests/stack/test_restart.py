"""The platform stopped and started again: everything is still there."""

from typing import Any

import httpx
from object_store import keys
from playwright.sync_api import Page, expect
from stack import Stack


def kept(stack: Stack) -> dict[str, Any]:
    """Return what people would miss."""
    completed = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    prefect = f"{stack.address('PREFECT')}/api/flow_runs/count"
    mlflow = f"{stack.address('MLFLOW')}/api/2.0/mlflow/registered-models/alias"
    production = {"name": "churn-model", "alias": "production"}
    return {
        "events": stack.rows("SELECT * FROM prod.bt_crypto_events ORDER BY 1, 2, 3, 4"),
        "promotions": stack.rows("SELECT * FROM dqm.bt_churn_promotions"),
        "flow runs": httpx.post(prefect, json=completed).json(),
        "production": httpx.get(mlflow, params=production).json(),
        "files": {
            bucket: keys(stack.s3, bucket)
            for bucket in ("ge-artifacts", "kpi-runs", "mlflow-artifacts")
        },
    }


def test_nothing_is_lost_and_nothing_is_built_again(ran: Stack, page: Page) -> None:
    before = kept(ran)
    file = ran.file.read_text()

    ran.make("down")
    assert not any(container["State"]["Running"] for container in ran.containers())
    said = ran.make("up", BUILD="0")

    assert ran.file.read_text() == file
    assert ran.address("PREFECT") in said
    assert kept(ran) == before
    page.goto(ran.address("STREAMLIT"))
    expect(page.get_by_text("Model version 1, trained as of")).to_be_visible()
    assert "Completed" in ran.make("crypto-run")
