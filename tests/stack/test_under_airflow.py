"""The same steps under Airflow, on Celery's workers: triggered, failed, repaired, looked into."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from flows.churn.pipeline import SOURCES_CHANGED, TRAINING
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.local.machine import wait_until
from tests.s3_endpoint import keys
from tests.stack.ask.airflow_api import AirflowApi
from tests.stack.stack import Stack

CRYPTO, TRAIN = "crypto_events_dag", "churn_training_dag"
VERIFY = "crypto_events_verify_w"
DRIFT, WATCH = "churn_drift_monitor_w", "churn_data_watchdog"
EVERY = sorted([CRYPTO, DRIFT, TRAIN, VERIFY, WATCH, "churn_scoring_w", "retention_dag"])
PATIENCE = 600
STEPS = [step.name for step in CRYPTO_EVENTS.steps]


@dataclass(frozen=True)
class Triggered:
    """Airflow after each DAG ran: which run it was, and what became of a flow beside it."""

    api: AirflowApi
    runs: dict[str, str]
    refused: str


@pytest.fixture(scope="session")
def airflow(ran: Stack) -> AirflowApi:
    """Airflow, in a platform that Prefect has trained and published in before."""
    return AirflowApi(ran)


@pytest.fixture(scope="session")
def triggered(ran: Stack, airflow: AirflowApi) -> Triggered:
    """Each DAG ran; Prefect's daily run began while Airflow's scheduled one was under way."""
    airflow.switch_on(CRYPTO)
    assert wait_until(lambda: STEPS[0] in started(airflow, CRYPTO), PATIENCE)
    refused = ran.make_fails("crypto-run")
    airflow.switch_on(TRAIN)
    runs = {dag: airflow.trigger(dag) for dag in (WATCH, DRIFT)}
    for dag in runs:
        airflow.switch_on(dag)
    runs[CRYPTO] = next(iter(airflow.runs(CRYPTO)))
    for dag, run in runs.items():
        airflow.wait(dag, run)
    assert wait_until(lambda: bool(airflow.runs(TRAIN)), PATIENCE)
    (runs[TRAIN],) = airflow.runs(TRAIN)
    airflow.wait(TRAIN, runs[TRAIN])
    return Triggered(airflow, runs, refused)


def started(airflow: AirflowApi, dag: str) -> list[str]:
    """Return the tasks that a DAG's runs have begun."""
    return [
        name
        for run in airflow.runs(dag)
        for name, state in airflow.states(dag, run).items()
        if state in ("running", "success")
    ]


@pytest.mark.parametrize("dag", [CRYPTO, DRIFT, WATCH])
def test_each_dag_succeeds(triggered: Triggered, dag: str) -> None:
    tasks = triggered.api.tasks(dag, triggered.runs[dag])

    # A first try that fails unseen leaves no log.
    assert {(task["state"], task["try_number"]) for task in tasks.values()} == {("success", 1)}


def test_each_of_several_workers_takes_tasks_or_waits_for_them(
    ran: Stack, triggered: Triggered
) -> None:
    inspect = ("exec", "-T", "airflow-worker", "celery", "inspect", "--json", "stats")
    workers = {name.removeprefix("celery@") for name in json.loads(ran.compose(*inspect))}

    assert len(workers) == 2
    tasks = triggered.api.tasks(CRYPTO, triggered.runs[CRYPTO]).values()
    assert {task["hostname"] for task in tasks} <= workers


def test_a_dag_is_run_and_looked_at_from_the_host(ran: Stack, triggered: Triggered) -> None:
    before = set(triggered.api.runs(WATCH))

    said = ran.make("dag-run", DAG=WATCH)

    (run,) = set(triggered.api.runs(WATCH)) - before
    assert f"{WATCH} is the run {run}: {ran.address('AIRFLOW')}/dags/{WATCH}/runs/" in said
    assert "  detect_source_changes: success\n" in said
    assert said.endswith(f"{WATCH} succeeded.\n")
    every = ran.make("dag-status").splitlines()
    assert [line.split()[0] for line in every] == EVERY
    assert every[0].endswith("UTC  success")
    one = ran.make("dag-status", DAG=WATCH)
    assert one.startswith(f"{WATCH} is active, and ran:\n")
    assert f"The tasks of {run}:\n  detect_source_changes " in one
    unknown = ran.make_fails("dag-run", DAG="crypto")
    assert f"Airflow has no DAG crypto: choose among {', '.join(EVERY)}." in unknown


def test_changed_files_trained_once_and_the_branch_was_taken(triggered: Triggered) -> None:
    """The model of before is as good: the candidate stays one."""
    api, run = triggered.api, triggered.runs[TRAIN]
    steps = [step.name for step in TRAINING.steps]

    assert api.states(TRAIN, run) == {**dict.fromkeys(steps, "success"), "promote_model": "skipped"}
    assert not api.result(TRAIN, run, "decide_promotion")["promote"]
    assert api.result(TRAIN, run, "skip_promotion")["production"] == "1"
    assert list(api.runs(TRAIN).values()) == ["success"]
    events = api.ask("GET", "/assets/events")["asset_events"]
    assert [(event["name"], event["source_dag_id"]) for event in events] == [
        (SOURCES_CHANGED, WATCH)
    ]


def test_prefect_was_told_that_airflow_holds_the_pipeline(triggered: Triggered) -> None:
    assert " ended as Failed: Another run holds crypto_events: " in triggered.refused
    assert "crypto_events_dag/" in triggered.refused
    assert "Wait for it to end, then run again." in triggered.refused


@pytest.fixture
def repaired(ran: Stack, triggered: Triggered) -> Iterator[str]:
    """A run whose validation failed on a bad row, which is good by now; it was not cleared yet."""
    api = triggered.api
    before = published(ran)
    ran.change(
        "INSERT INTO raw.bt_crypto_transaction_history (site_id, user_id, purchase_date,"
        " crypto_type, purchase_price, purchase_units, source_name, source_row_number)"
        " VALUES ('Brasil', '987654321', %s, 'BTC', '2', '3', 'test', 1)",
        day(),
    )
    run = api.trigger(CRYPTO, generate=False)
    assert api.wait(CRYPTO, run) == "failed"
    assert published(ran) == before
    ran.change(
        "UPDATE raw.bt_crypto_transaction_history SET site_id = 'BRASIL' WHERE user_id = %s",
        "987654321",
    )
    yield run
    ran.change(
        "DELETE FROM raw.bt_crypto_transaction_history WHERE user_id = %s",
        "987654321",
    )


def day() -> str:
    """Return today as raw rows have it."""
    now = datetime.now(UTC)
    return f"{now.day}/{now.month}/{now.year}"


def published(stack: Stack) -> list[tuple[object, ...]]:
    """Return everything in prod."""
    return stack.rows("SELECT * FROM prod.bt_crypto_events ORDER BY 1, 2, 3, 4")


def test_a_failed_validation_says_why_and_goes_on_once_it_is_repaired(
    ran: Stack, triggered: Triggered, repaired: str
) -> None:
    api = triggered.api
    states = api.states(CRYPTO, repaired)
    assert states["ge_validate_raw"] == "failed"
    assert api.tasks(CRYPTO, repaired)["ge_validate_raw"]["try_number"] == 1
    assert {states[step] for step in STEPS[3:]} == {"upstream_failed"}
    said = api.log(CRYPTO, repaired, "ge_validate_raw")
    assert "break the contract (site_id_unknown: 1). Nothing was published." in said
    told = ran.make("dag-status", DAG=CRYPTO)
    assert "ge_validate_raw: " in told
    assert "break the contract (site_id_unknown: 1). Nothing was published." in told

    api.clear(CRYPTO, repaired, "ge_validate_raw")

    assert api.wait(CRYPTO, repaired) == "success"
    assert set(api.states(CRYPTO, repaired).values()) == {"success"}
    assert "987654321" in str(published(ran))


def test_a_log_is_read_from_its_bucket_when_the_worker_is_gone(
    ran: Stack, triggered: Triggered, page: Page
) -> None:
    run = triggered.runs[CRYPTO]
    ran.compose("stop", "airflow-worker")
    try:
        of_run = f"dag_id={CRYPTO}/run_id={run}/"
        kept = [key for key in keys(ran.s3, "airflow-logs") if of_run in key]
        assert sorted({key.split("task_id=")[1].split("/")[0] for key in kept}) == sorted(STEPS)
        assert '"inserted"' in triggered.api.log(CRYPTO, run, "merge_to_prod")

        page.goto(f"{ran.address('AIRFLOW')}/dags/{CRYPTO}/runs/{run}/tasks/merge_to_prod")
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(ran.values["AIRFLOW_ADMIN_PASSWORD"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text('"inserted"').first).to_be_visible()
    finally:
        ran.compose("up", "--detach", "--no-deps", "--no-build", "airflow-worker")
