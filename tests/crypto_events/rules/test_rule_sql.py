"""SQL of a contract's own: what does not run is said before anything is stored."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.contracts.errors import BadContract
from flows.crypto_events.contract import RAW_COLUMNS, RAW_SUITE
from flows.crypto_events.landing.generate_fake_history_last_5_days import (
    generate_fake_history_last_5_days,
)
from flows.crypto_events.landing.ingest import ingest
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.staging.trial import try_delivery
from flows.crypto_events.validation.validate import ge_validate_raw
from flows.errors import DataRejected, KpiError
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.changed import changed
from tests.crypto_rows import AS_OF, add_rows, candidates, failed_checks, reasons

SQL = "{rule: sql, holds: "
STORED = "SELECT count(*) FROM raw.bt_crypto_transaction_history"


def with_sql(tmp_path: Path, *holds: str) -> Path:
    """Return our contract with rules of SQL more, of which the first is `mine0`."""
    first = "- id: site_id_missing"
    entries = [
        f"- {{id: mine{n}, type: custom, engine: kpi, implementation: {SQL}{json.dumps(each)}}}}}"
        for n, each in enumerate(holds)
    ]
    return changed(tmp_path, first, "\n          ".join([*entries, first]))


@pytest.mark.parametrize(
    "holds",
    [
        "no_such_column > 1",
        "",
        "count(*) > 0",
        "user_id >>> ((1",
        "true; DROP TABLE prod.bt_crypto_events",
        "true) IS NOT FALSE; DROP TABLE prod.bt_crypto_events; SELECT (true",
        "true) OR (true",
        "reasons IS NULL",
    ],
)
def test_nothing_is_stored_for_a_rule_that_does_not_run(
    make_quick: Callable[..., Settings], db: Connection, tmp_path: Path, holds: str
) -> None:
    settings = make_quick(contract=with_sql(tmp_path, holds))
    delivery = tmp_path / "delivery.csv"
    delivery.write_text(f"{','.join(RAW_COLUMNS)}\nMEXICO,1,10/3/2025,BTC,2,3\n", "utf-8")
    run = plan_run(settings, AS_OF)
    before = db.execute(STORED).fetchone()
    for does in (
        lambda: try_delivery(settings, delivery),
        lambda: ingest(settings, delivery, "append"),
        lambda: generate_fake_history_last_5_days(settings, run),
        lambda: build_events_candidate(settings, run),
    ):
        with pytest.raises(BadContract, match=r"line \d+: PostgreSQL does not take the rule mine0"):
            does()
    assert db.execute(STORED).fetchone() == before
    assert db.execute("SELECT to_regclass('prod.bt_crypto_events') AS there").fetchone() == {
        "there": "prod.bt_crypto_events"
    }


def test_sql_may_end_in_a_comment(
    make_quick: Callable[..., Settings], db: Connection, tmp_path: Path
) -> None:
    settings = make_quick(contract=with_sql(tmp_path, "purchase_price > 7 -- a good one"))
    low, high = add_rows(db, {"purchase_price": "5"}, {"purchase_price": "9", "user_id": "7"})
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    assert (reasons(db), candidates(db)) == ({low: ["mine0"]}, [high])
    with pytest.raises(DataRejected):
        ge_validate_raw(settings, run)
    assert failed_checks(db, run, RAW_SUITE) == {"mine0": 1}


def test_sql_that_fails_on_a_value_is_named(
    make_quick: Callable[..., Settings], db: Connection, tmp_path: Path
) -> None:
    path = with_sql(tmp_path, "user_id > 0", "1 / (user_id - 12) < 5")
    settings = make_quick(contract=path)
    delivery = tmp_path / "delivery.csv"
    delivery.write_text(f"{','.join(RAW_COLUMNS)}\nMEXICO,12,10/3/2025,BTC,2,3\n", "utf-8")
    add_rows(db, {"user_id": "12"})
    for does in (
        lambda: try_delivery(settings, delivery),
        lambda: build_events_candidate(settings, plan_run(settings, AS_OF)),
    ):
        with pytest.raises(BadContract) as failed:
            does()
        assert str(failed.value).startswith(f"{path}, line {failed.value.line}: the rule mine1 ")
        assert failed.value.in_full.endswith("mine1 fails on a row: division by zero.")


def test_sql_of_a_warning_that_fails_is_named_as_well(
    make_quick: Callable[..., Settings], db: Connection, tmp_path: Path
) -> None:
    path = with_sql(tmp_path, "1 / (user_id - 12) < 5")
    changed(tmp_path, "{id: mine0,", "{id: mine0, severity: warn,", of=path)
    add_rows(db, {"user_id": "12"})
    settings = make_quick(contract=path)
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    with pytest.raises(KpiError, match=r"could not run the check mine0$") as failed:
        ge_validate_raw(settings, run)
    assert failed.value.in_full.endswith("mine0: (psycopg.errors.DivisionByZero) division by zero")
