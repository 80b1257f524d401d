"""What the deployments leave behind in the platform in containers, seen through its front doors."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from flows.local.machine import wait_until
from tests.prefect_server import ask
from tests.s3_endpoint import client_of, keys
from tests.stack.ask.patient_http import get, post
from tests.stack.stack import Stack

_SOON = 180
AN_EXPERIMENT = """
import mlflow
with mlflow.start_run(run_name="mine"):
    mlflow.log_text("kept", "note.txt")
"""


def test_the_daily_run_publishes(ran: Stack) -> None:
    [(active,)] = ran.rows("SELECT count(*) FROM prod.bt_crypto_events WHERE is_active")
    assert active >= 20


def test_validations_and_data_docs_are_in_their_bucket(ran: Stack, page: Page) -> None:
    found = keys(ran.s3, "ge-artifacts")

    assert any(key.startswith("validations/suite_raw_history/") for key in found)
    assert any(key.startswith("validations/suite_staging_candidate/") for key in found)
    assert "data_docs/index.html" in found
    # The first page's table comes from a public address, which need not be reachable here.
    docs = f"{ran.address('STREAMLIT')}/artifacts/ge-artifacts"
    assert get(f"{docs}/data_docs/index.html").status_code == 200
    of_the_candidate = "data_docs/validations/suite_staging_candidate/"
    result = next(key for key in found if key.startswith(of_the_candidate))
    page.goto(f"{docs}/{result}")
    expect(page.get_by_text("Evaluated Expectations").first).to_be_visible()


def test_training_ran_on_the_cluster(applications: list[dict[str, Any]]) -> None:
    assert [(app["name"], app["state"]) for app in applications] == [("kpi churn", "FINISHED")]


def test_each_of_its_workers_had_a_part_in_it(worked_for: list[set[str]]) -> None:
    assert worked_for == [{"kpi churn"}, {"kpi churn"}]


@pytest.mark.parametrize("workers", [1, 2])
def test_spark_workers_come_and_go(ran: Stack, workers: int) -> None:
    scale = ("--scale", f"spark-worker={workers}", "spark-worker")
    ran.compose("up", "--detach", "--no-deps", "--no-recreate", "--no-build", "--wait", *scale)

    master = f"{ran.address('SPARK_UI')}/json/"
    assert wait_until(lambda: get(master).json()["aliveworkers"] == workers, _SOON)


def test_the_model_is_production_and_in_its_bucket(ran: Stack) -> None:
    versions = get(
        f"{ran.address('MLFLOW')}/api/2.0/mlflow/model-versions/search",
        params={"filter": "name='churn-model'"},
    ).json()["model_versions"]
    # Other tests train again.
    assert [version["current_stage"] for version in versions].count("Production") == 1
    assert any(key.endswith("MLmodel") for key in keys(ran.s3, "mlflow-artifacts"))


def test_the_drift_report_is_in_its_bucket_and_in_the_app(ran: Stack, page: Page) -> None:
    ((report,), *_) = ran.rows("SELECT report FROM dqm.bt_churn_drift_runs")
    key = report.removeprefix("s3://mlflow-artifacts/")

    assert key.startswith("drift-reports/")
    body = client_of(ran.s3).get_object(Bucket="mlflow-artifacts", Key=key)["Body"].read()
    assert b"<html" in body
    page.goto(f"{ran.address('STREAMLIT')}/drift")
    expect(page.get_by_role("button", name="Download the report (HTML)")).to_be_visible()


def test_the_app_scores_with_that_model(ran: Stack, page: Page) -> None:
    page.goto(f"{ran.address('STREAMLIT')}/score")
    expect(page.get_by_text("Model version 1, trained as of")).to_be_visible()

    page.get_by_role("button", name="Score", exact=True).click()

    expect(page.get_by_test_id("stMetricValue")).to_contain_text("%")


def test_prefect_shows_the_deployments_and_the_artifacts(ran: Stack, page: Page) -> None:
    page.goto(f"{ran.address('PREFECT')}/deployments", wait_until="domcontentloaded")
    for name in ("backfill", "on-change", "weekly"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.get_by_text("At 06:00 AM").first).to_be_visible()

    links = [
        artifact["data"]
        for artifact in ask(ran.address("PREFECT"), "POST", "/artifacts/filter", {}).json()
        if artifact["type"] == "markdown" and "](http" in artifact["data"]
    ]
    # People open them from this machine: none leads to a name that only containers know.
    assert links
    assert not any(f"http://{name}:" in link for link in links for name in ("mlflow", "prefect"))


def test_the_notebook_reads_everything_with_nothing_typed(ran: Stack) -> None:
    executed = ran.compose(
        *("exec", "-T", "jupyter", "jupyter", "nbconvert", "--execute", "--to", "notebook"),
        *("--stdout", "--log-level", "ERROR", "notebooks/welcome.ipynb"),
    )

    cells = [cell for cell in json.loads(executed)["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    said = json.dumps([cell["outputs"] for cell in cells])
    assert "churn-model version 1 is Production" in said
    assert "payments_last_60d" in said
    assert "DEMOGRAFICOS.csv" in said
    assert "spark://spark-master:7077" in said


def test_an_experiment_of_the_notebook_is_on_the_server_with_its_artifact(ran: Stack) -> None:
    ran.compose("exec", "-T", "jupyter", "python", "-c", AN_EXPERIMENT)

    runs = post(
        f"{ran.address('MLFLOW')}/api/2.0/mlflow/runs/search",
        json={"experiment_ids": ["0"], "filter": "run_name = 'mine'"},
    ).json()["runs"]
    (run,) = (run["info"]["run_id"] for run in runs)
    assert any(
        key.endswith(f"{run}/artifacts/note.txt") for key in keys(ran.s3, "mlflow-artifacts")
    )


@pytest.mark.parametrize("folder", ["churn", "artifacts"])
def test_jupyter_shows_the_sources_and_what_the_steps_wrote(ran: Stack, folder: str) -> None:
    token = {"Authorization": f"token {ran.values['JUPYTER_TOKEN']}"}
    found = get(f"{ran.address('JUPYTER')}/api/contents/{folder}", headers=token).json()

    assert {"churn": "PAYMENTS.csv", "artifacts": "artifacts"}[folder] in [
        item["name"] for item in found["content"]
    ]


@pytest.mark.parametrize("service", ["airflow-worker", "jupyter", "spark-worker", "worker"])
def test_each_stage_finds_the_sources_and_the_artifacts_where_it_looks(
    ran: Stack, service: str
) -> None:
    seen = ran.compose("exec", "-T", service, "ls", "/opt/kpi/data/churn", "/var/lib/kpi")

    assert len([name for name in seen.split() if name.endswith(".csv")]) == 5
    assert "artifacts" in seen.split()


@pytest.mark.parametrize("service", ["app", "metrics"])
def test_who_only_shows_tables_or_counts_has_no_file_of_a_run(ran: Stack, service: str) -> None:
    assert ran.compose("exec", "-T", service, "ls", "-A", "/var/lib/kpi").split() == []
