"""Partitions are filled before they are added, and are what CREATE TABLE … PARTITION OF makes."""

from datetime import date, timedelta

import pytest
from psycopg.rows import DictRow

from flows.crypto_events.publication.partitions import add_partitions, months_apart
from flows.platform.warehouse.connection import Connection, connect, transaction
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows, prod, publish

_FEBRUARY = AS_OF.replace(day=1) - timedelta(days=1)


def test_a_new_partition_is_like_one_that_postgresql_makes(db: Connection) -> None:
    db.execute(
        "CREATE TABLE prod.bt_crypto_events_2001_01 PARTITION OF prod.bt_crypto_events"
        " FOR VALUES FROM ('2001-01-01') TO ('2001-02-01') WITH (fillfactor = 90)"
    )
    db.execute("SELECT prod.watch_bt_crypto_events('prod.bt_crypto_events_2001_01')")

    add_partitions(db, [date(2001, 2, 5)])

    assert _described(db, "2001_02") == _described(db, "2001_01")


def test_readers_go_on_while_a_partition_is_added(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    publish(quick)
    with transaction(quick, "test") as adding, connect(quick, "reader", autocommit=True) as reader:
        add_partitions(adding, [date(2001, 2, 5)])
        reader.execute("SET lock_timeout = '1s'")
        assert reader.execute("SELECT FROM prod.bt_crypto_events").rowcount == 1


@pytest.mark.parametrize("first", [[AS_OF], [_FEBRUARY], []])
def test_a_window_of_two_months_fills_both(
    quick: Settings, db: Connection, first: list[date]
) -> None:
    for day in first:
        add_partitions(db, [day])
    months = (AS_OF.replace(day=1), _FEBRUARY)
    add_rows(db, *({"purchase_date": _text(day), "user_id": "1"} for day in months))

    assert publish(quick, window_days=AS_OF.day + 1).inserted == 2

    assert {(row["purchase_date"], row["user_id"]) for row in prod(db)} == {
        (day, 1) for day in months
    }
    counts = [
        db.execute(f"SELECT count(*) AS rows FROM prod.bt_crypto_events_{day:%Y_%m}").fetchone()
        for day in months
    ]
    assert counts == [{"rows": 1}, {"rows": 1}]


def test_rows_of_many_new_months_are_sent_to_their_partitions(
    quick: Settings, db: Connection
) -> None:
    days = [AS_OF - timedelta(days=30 * number) for number in range(5)]
    assert months_apart(db, days) == []
    add_rows(db, *({"purchase_date": _text(day)} for day in days))

    assert publish(quick, window_days=150).inserted == 5

    assert {row["purchase_date"] for row in prod(db)} == set(days)


def _text(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _described(db: Connection, month: str) -> list[list[DictRow]]:
    """Return columns, constraints, indexes, triggers and options, without the month's name."""
    name = f"bt_crypto_events_{month}"
    queries = (
        "SELECT attname, attnum, atttypid, attnotnull, attislocal, attinhcount,"
        " pg_get_expr(adbin, adrelid) AS value FROM pg_attribute"
        " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
        " WHERE attrelid = {} AND attnum > 0 ORDER BY attnum",
        "SELECT contype, conislocal, coninhcount, convalidated, pg_get_constraintdef(oid) AS says,"
        " replace(conname, relname, 'partition') AS name"
        " FROM pg_constraint JOIN (SELECT relname FROM pg_class WHERE oid = {0}) AS own ON true"
        " WHERE conrelid = {0} ORDER BY name",
        "SELECT replace(pg_get_indexdef(indexrelid), relname, 'partition') AS says, indisprimary"
        " FROM pg_index JOIN pg_class AS own ON own.oid = indrelid"
        " WHERE indrelid = {} ORDER BY 1",
        "SELECT replace(pg_get_triggerdef(pg_trigger.oid), relname, 'partition') AS says"
        " FROM pg_trigger JOIN pg_class AS own ON own.oid = tgrelid"
        " WHERE tgrelid = {} ORDER BY 1",
        "SELECT relkind, relpersistence, relispartition, reloptions, relacl, relowner"
        " FROM pg_class WHERE oid = {}",
    )
    table = f"'prod.{name}'::regclass"
    return [db.execute(query.format(table)).fetchall() for query in queries]
