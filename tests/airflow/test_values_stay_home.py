"""What was delivered is in a task's log, and in nothing that Airflow tells of a run."""

import pytest

from flows.platform.warehouse.connection import connect, database_url
from flows.settings import Settings
from tests.airflow.airflow_home import AirflowHome
from tests.crypto_rows import AS_OF, add_rows
from tests.webhook import webhook

pytestmark = pytest.mark.xdist_group("airflow")

DAG = "crypto_events_dag"
CELL, USER = "canary-cell", 47_114_711


@pytest.mark.parametrize(
    ("bad", "constraint", "failed_in", "told"),
    [
        ({"site_id": CELL}, None, "ge_validate_raw", "1 of 2 raw rows"),
        (
            {},
            f"CHECK (user_id <> {USER})",
            "merge_to_prod",
            "kpi: CheckViolation (23514, prod, bt_crypto_events_2025_03, ",
        ),
    ],
)
def test_bad_cells_and_the_databases_own_words_stay_in_the_log(
    bad: dict[str, str],
    constraint: str | None,
    failed_in: str,
    told: str,
    settings: Settings,
    airflow: AirflowHome,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with connect(settings, "test", autocommit=True) as db:
        add_rows(db, {"user_id": "1"}, {"user_id": str(USER), **bad})
        if constraint:
            db.execute(f"ALTER TABLE prod.bt_crypto_events ADD {constraint}".encode())
    with webhook() as hook:
        monkeypatch.setenv("KPI_WEBHOOK_URL", hook.url)
        monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
        ended = airflow.test_dag(DAG, AS_OF, generate=False)

    assert ended.states[failed_in] == "failed"
    (posted,) = hook.texts
    assert told in posted
    known = (airflow.folder / "airflow.db").read_bytes()
    for value in (CELL, str(USER)):
        assert value not in posted
        assert value.encode() not in known
    # The search finds what is there.
    assert ended.run_id.encode() in known
    if constraint:
        assert f"Failing row contains (2025-03-10, ARGENTINA, {USER}" in ended.log
