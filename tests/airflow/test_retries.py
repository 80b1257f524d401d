"""What is tried again under Airflow, as under Prefect: what may pass by itself."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import pytest

from flows.crypto_events.pipeline import PIPELINE
from flows.local.machine import wait_until
from flows.platform.warehouse.connection import connect, database_url
from flows.settings import Settings, load_settings
from tests.airflow.airflow_home import PATIENCE, AirflowHome
from tests.crypto_rows import AS_OF, add_rows
from tests.platform.pipeline.lineage.read_events import events_of, kinds_of
from tests.webhook import webhook

pytestmark = pytest.mark.xdist_group("airflow")

DAG = "crypto_events_dag"
HOLDERS = """
SELECT held.pid
FROM pg_stat_activity AS held
JOIN pg_stat_activity AS waiting ON
    waiting.datname = held.datname AND waiting.wait_event_type = 'Lock'
WHERE held.datname = current_database() AND held.application_name LIKE '% run=%'
"""
STEPS = [step.name for step in PIPELINE.steps]


def test_what_may_pass_by_itself_is_tried_again(
    airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://kpi@127.0.0.1:1/nobody")
        failed = airflow.test_dag(DAG, AS_OF)

    assert failed.tries[STEPS[0]] == 1 + PIPELINE.steps[0].retries
    assert failed.states[STEPS[0]] == "failed"
    # Of four tries one is the last: the run begins and fails once, for others.
    assert kinds_of(events_of(load_settings())) == [
        ("crypto_events", "START"),
        ("crypto_events", "FAIL"),
    ]
    (told,) = hook.texts
    assert f"{DAG} {failed.run_id} failed in {STEPS[0]}: kpi: The warehouse does not" in told
    assert f"/dags/{DAG}/runs/" in told


def test_a_killed_step_is_tried_again_and_a_cut_lock_fails_none(
    settings: Settings, airflow: AirflowHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = "build_events_candidate"
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    with connect(settings, "test", autocommit=True) as db:
        add_rows(db, {})

    with ThreadPoolExecutor(1) as pool, connect(settings, "test") as holder:
        holder.execute("LOCK TABLE raw.bt_crypto_transaction_history IN ACCESS EXCLUSIVE MODE")
        running = pool.submit(airflow.test_dag, DAG, AS_OF, generate=False)
        assert wait_until(lambda: bool(processes_of(step)), PATIENCE, moment=True)
        for process in processes_of(step):
            process.kill()
        killed = holders(settings)
        # The second try waits for the table, too, and the connection with its lock is cut.
        assert wait_until(lambda: bool(holders(settings) - killed), PATIENCE, moment=True)
        for pid in holders(settings) - killed:
            holder.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        holder.rollback()
    done = running.result()

    assert done.states == dict.fromkeys(STEPS, "success")
    assert {name for name, tries in done.tries.items() if tries > 1} == {step}
    assert "Something ended the step" in done.log
    assert "The connection that holds crypto_events was cut: taken again." in done.log


def holders(settings: Settings) -> set[int]:
    """Return the connections that hold the lock of a step which waits for a table."""
    with connect(settings, "an administrator", autocommit=True) as db:
        return {row["pid"] for row in db.execute(HOLDERS)}


def processes_of(step: str) -> list[psutil.Process]:
    """Return the processes below this one that run the step."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it ended just now
            if step in child.cmdline():
                found.append(child)
    return found
