"""The same day on the same raw rows: what Prefect publishes, Airflow publishes."""

from collections.abc import Callable

import pytest
from psycopg.conninfo import conninfo_to_dict

from flows.crypto_events.pipeline import PIPELINE
from flows.platform.warehouse.connection import connect, database_url
from flows.settings import Settings
from tests.airflow.airflow_home import AirflowHome
from tests.airflow.same_lineage import runs_in, told
from tests.airflow.same_tables import tables
from tests.crypto_rows import AS_OF, add_rows, change_row, publish, remove_rows
from tests.flow_runs import run_crypto_events
from tests.platform.pipeline.lineage.read_events import events_of
from tests.webhook import webhook

pytestmark = pytest.mark.xdist_group("airflow")

DAG = "crypto_events_dag"
STEPS = [step.name for step in PIPELINE.steps]
QUARANTINE = {"generate": False, "policy": "quarantine", "max_reject_share": 0.5}


@pytest.fixture
def both(settings: Settings, copy_of: Callable[[str], str]) -> list[str]:
    """Two warehouses with the same rows: some published and changed since, some new, some bad."""
    with connect(settings, "test", autocommit=True) as db:
        changed, gone, _ = add_rows(db, *({"user_id": str(user)} for user in (1, 2, 3)))
        publish(settings)
        change_row(db, changed, purchase_price="30000.5")
        remove_rows(db, gone)
        add_rows(db, {"user_id": "4"}, {"user_id": "4"}, {"user_id": "5", "site_id": "Brasil"})
        add_rows(db, {"user_id": "6"}, {"user_id": "6", "purchase_price": "7"})
    url = database_url(settings)
    return [url, copy_of(url)]


@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_both_refuse_and_both_publish_the_same(
    both: list[str], airflow: AirflowHome, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(both[0])

    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        monkeypatch.setenv("KPI_DATABASE_URL", both[0])
        refused = run_crypto_events(as_of=AS_OF, generate=False)
        monkeypatch.setenv("KPI_DATABASE_URL", both[1])
        failed = airflow.test_dag(DAG, AS_OF, generate=False)
    assert refused.failed
    assert "1 of 7 raw rows" in refused.message
    assert f"kpi: {refused.message}" in failed.log
    assert failed.states["ge_validate_raw"] == "failed"
    assert {failed.states[step] for step in STEPS[3:]} == {"upstream_failed"}
    # Bad data stay bad: nobody tries again, and people are told once.
    assert failed.tries["ge_validate_raw"] == 1
    assert hook.texts[0] == f"crypto-events as of {AS_OF} failed: {refused.message}"
    assert [text.splitlines()[0] for text in hook.texts[1:]] == [
        f"{DAG} {failed.run_id} failed in ge_validate_raw: kpi: {refused.message}"
    ]
    assert tables(both[0]) == tables(both[1])
    assert tables(both[1])["prod.bt_crypto_events"] == before["prod.bt_crypto_events"]

    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        monkeypatch.setenv("KPI_DATABASE_URL", both[0])
        completed = run_crypto_events(as_of=AS_OF, **QUARANTINE)
        monkeypatch.setenv("KPI_DATABASE_URL", both[1])
        done = airflow.test_dag(DAG, AS_OF, **QUARANTINE)
    assert completed.completed
    assert done.states == dict.fromkeys(STEPS, "success")
    assert done.results["merge_to_prod"] == {
        "inserted": 2,
        "updated": 1,
        "reactivated": 0,
        "deactivated": 1,
        "unchanged": 1,
        "protected": 0,
    }
    assert hook.texts == [done.results["notify_success"]["message"]] * 2
    left = tables(both[1])
    assert left == tables(both[0])
    assert left["prod.bt_crypto_events"] != before["prod.bt_crypto_events"]
    assert left["dqm.bt_crypto_events_rejects"]
    assert left["dqm.pipeline_holds"] == b""

    # What each tells others of itself is the same, too, and every event is a valid one.
    runs = runs_in(events_of(settings))
    databases = [str(conninfo_to_dict(url)["dbname"]) for url in both]
    refusals = [told(run, name) for run, name in zip(runs[:2], databases, strict=True)]
    completions = [told(run, name) for run, name in zip(runs[2:], databases, strict=True)]
    assert refusals[0] == refusals[1]
    assert refusals[0][0][-2:] == [
        ("crypto_events.ge_validate_raw", "FAIL"),
        ("crypto_events", "FAIL"),
    ]
    assert completions[0] == completions[1]
    assert completions[0][0][-1] == ("crypto_events", "COMPLETE")
    tables_told = [name for *_, name in completions[0][1] if "DATABASE.prod." in name]
    assert len(set(tables_told)) == 1
