"""Each raw row is judged once, whoever stored it, until it changes or the contract does."""

from collections.abc import Callable
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from flows.crypto_events.contract import RAW_COLUMNS
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, connect
from flows.settings import Settings
from tests.crypto_rows import add_rows, candidates, change_row, reasons, remove_rows, stage

TRIGGERS = "ALTER TABLE raw.bt_crypto_transaction_history {} TRIGGER USER"


def judged(db: Connection) -> list[int]:
    rows = db.execute("SELECT raw_id FROM raw.bt_crypto_judged ORDER BY raw_id")
    return [row["raw_id"] for row in rows]


def tamper(db: Connection) -> None:
    """Change what was judged, to see whether it is used."""
    db.execute("UPDATE raw.bt_crypto_judged SET reasons = '{kept}'")


def test_a_row_is_judged_by_the_first_run_that_needs_it(quick: Settings, db: Connection) -> None:
    (first,) = add_rows(db, {})
    (older,) = add_rows(db, {"purchase_date": "1/3/2025"})
    stage(quick)
    assert judged(db) == [first]
    tamper(db)
    (second,) = add_rows(db, {"user_id": "x"})
    stage(quick)
    assert reasons(db) == {first: ["kept"], second: ["user_id_not_bigint"]}
    stage(quick, window_days=10)
    assert judged(db) == [first, older, second]


def test_of_one_statement_rows_of_other_days_wait_for_a_run_that_needs_them(
    quick: Settings, db: Connection
) -> None:
    first, older = add_rows(db, {}, {"purchase_date": "1/3/2025"})
    stage(quick)
    same, same_older = _store_again(db)
    stage(quick)
    assert judged(db) == [first, same]
    stage(quick, window_days=10)
    assert judged(db) == [first, older, same, same_older]


def _store_again(db: Connection) -> list[int]:
    """Store the test's raw rows once more, by one statement; return the raw ids."""
    columns = f"{', '.join(RAW_COLUMNS)}, source_row_number, arrived_at"
    stored = db.execute(
        f"INSERT INTO raw.bt_crypto_transaction_history ({columns}, source_name)"
        f" SELECT {columns}, 'again' FROM raw.bt_crypto_transaction_history"
        " WHERE source_name = 'test' ORDER BY raw_id"
        " RETURNING raw_id"
    )
    return [row["raw_id"] for row in stored]


def test_a_full_run_judges_everything_anew(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    stage(quick)
    tamper(db)
    stage(quick, full=True)
    assert reasons(db) == {}


def test_a_verifying_run_names_the_first_day_that_differs(quick: Settings, db: Connection) -> None:
    add_rows(db, {}, {"user_id": "7"}, {"purchase_date": "8/3/2025"})
    stage(quick)
    stage(quick, verify=True)  # nothing differs
    tamper(db)
    with pytest.raises(
        KpiError,
        match=r"first for 2025-03-08: 0 rows were missing, 0 left over, 1 different\. "
        r"Nothing was published; `kpi run --full` mends it\.$",
    ):
        stage(quick, verify=True)


def test_a_changed_row_is_judged_again(quick: Settings, db: Connection) -> None:
    changed, removed = add_rows(db, {}, {})
    stage(quick)
    change_row(db, changed, purchase_units="0")
    remove_rows(db, removed)
    stage(quick)
    assert reasons(db) == {changed: ["purchase_units_not_positive"]}
    assert judged(db) == [changed]


def test_rows_that_were_all_deleted_at_once_are_forgotten(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    stage(quick)
    db.execute("TRUNCATE raw.bt_crypto_transaction_history")
    stage(quick)
    assert judged(db) == candidates(db) == []


def test_a_row_that_is_committed_after_later_ones_is_judged(
    quick: Settings, db: Connection
) -> None:
    with connect(quick, "test") as slow:
        (early,) = add_rows(slow, {"user_id": "1"})
        (late,) = add_rows(db, {"user_id": "2"})
        stage(quick)
        assert candidates(db) == [late]
    stage(quick)
    assert candidates(db) == [early, late]


@pytest.mark.parametrize("change", [{"min_user_id": 200_000}, {"sites": ("BRASIL",)}])
def test_another_contract_judges_again(
    make_quick: Callable[..., Settings], db: Connection, change: dict[str, object]
) -> None:
    (row,) = add_rows(db, {})
    stage(make_quick())
    stage(make_quick(**change))
    assert list(reasons(db)) == [row]
    stage(make_quick())
    assert reasons(db) == {}


def test_so_does_other_sql(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    stage(quick)
    tamper(db)
    db.execute(
        "CREATE OR REPLACE FUNCTION raw.trimmed(cell text) RETURNS text LANGUAGE sql IMMUTABLE"
        " PARALLEL SAFE RETURN btrim(cell)"
    )
    stage(quick)
    assert reasons(db) == {}


@pytest.mark.parametrize("name", ["trimmed(text)", "to_number(text, int)", "to_bigint(text, int)"])
def test_without_a_function_no_row_is_judged_until_a_full_run_makes_it_again(
    quick: Settings, db: Connection, name: LiteralString
) -> None:
    definition = "SELECT pg_get_functiondef(%s::regprocedure) AS was"
    (was,) = db.execute(definition, [f"raw.{name}"])
    (row,) = add_rows(db, {})
    db.execute(sql.SQL("DROP FUNCTION raw.{}").format(sql.SQL(name)))
    with pytest.raises(
        KpiError, match=r"^The warehouse has no function raw\.\w+, .*`kpi run --full"
    ):
        stage(quick)
    stage(quick, full=True)
    assert candidates(db) == [row]
    assert list(db.execute(definition, [f"raw.{name}"])) == [was]


@pytest.mark.parametrize(
    ("behind", "sentence"),
    [
        (lambda db, row: add_rows(db, {"user_id": "2"}), "2 raw rows .* but 1 were staged"),
        (remove_rows, "0 raw rows .* but 1 were staged"),
    ],
)
def test_what_was_written_behind_the_triggers_stops_the_run_until_a_full_one(
    quick: Settings, db: Connection, behind: Callable[[Connection, int], object], sentence: str
) -> None:
    (row,) = add_rows(db, {})
    stage(quick)
    db.execute(sql.SQL(TRIGGERS).format(sql.SQL("DISABLE")))
    behind(db, row)
    db.execute(sql.SQL(TRIGGERS).format(sql.SQL("ENABLE")))
    with pytest.raises(KpiError, match=f"{sentence}: .* `kpi run --full` judges every row"):
        stage(quick)
    stage(quick, full=True)
    found = db.execute(
        "SELECT raw_id FROM raw.bt_crypto_transaction_history WHERE source_name = 'test'"
        " ORDER BY raw_id"
    )
    assert candidates(db) == [row["raw_id"] for row in found]


@pytest.mark.parametrize("written", ["x", "1/1/2028"])
def test_a_judged_row_without_a_date_whose_raw_row_is_gone_stops_the_run_until_a_full_one(
    quick: Settings, db: Connection, written: str
) -> None:
    row, other = add_rows(db, {"purchase_date": written}, {})
    stage(quick)
    db.execute(sql.SQL(TRIGGERS).format(sql.SQL("DISABLE")))
    remove_rows(db, row)
    db.execute(sql.SQL(TRIGGERS).format(sql.SQL("ENABLE")))
    with pytest.raises(
        KpiError,
        match=r"^1 rows without a date .* no raw rows any more\. Nothing .* --full` judges",
    ):
        stage(quick)
    stage(quick, full=True)
    assert judged(db) == [other]


def test_who_may_only_store_raw_rows_need_not_know_of_judging(
    quick: Settings, db: Connection
) -> None:
    db.execute("CREATE ROLE kpi_test_loader")
    try:
        db.execute("GRANT USAGE ON SCHEMA raw TO kpi_test_loader")
        db.execute("GRANT INSERT ON raw.bt_crypto_transaction_history TO kpi_test_loader")
        with connect(quick, "test") as loader:
            loader.execute("SET ROLE kpi_test_loader")
            with loader.cursor().copy(
                "COPY raw.bt_crypto_transaction_history (site_id, user_id, purchase_date,"
                " crypto_type, purchase_price, purchase_units, source_name, source_row_number)"
                " FROM STDIN"
            ) as copy:
                copy.write("BRASIL\t1\t9/3/2025\tETH\t1\t1\tloader\t1\n")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                loader.execute("SELECT FROM raw.bt_crypto_arrivals")
            loader.rollback()
    finally:
        db.execute("DROP OWNED BY kpi_test_loader")
        db.execute("DROP ROLE kpi_test_loader")
