"""The monthly partitions of prod.bt_crypto_events, which the merge adds as they are needed.

A new one is filled as a table by itself, and joins the others then. So its index is built once,
from all rows: half the cost of growing it row by row, and no order of the rows is needed. And
readers go on meanwhile, whom CREATE TABLE … PARTITION OF would lock out.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from psycopg import sql

from flows.platform.warehouse.connection import Connection, execute, table_exists

# Each reads all that the merge inserts. Of more months, rows are sent to their partitions.
_FILLED_APART = 3

Fill = Callable[[sql.Identifier, sql.Composable], object]


def months_apart(connection: Connection, days: Iterable[date]) -> list[date]:
    """Return the months, by first day, whose partitions are filled before they are added."""
    missing = _missing_months(connection, days)
    return missing if len(missing) <= _FILLED_APART else []


def nothing_is_published(connection: Connection, days: Iterable[date]) -> bool:
    """Return whether the months of the days have no partition, and will be filled apart."""
    return months_apart(connection, days) == months_of(days)


def add_partitions(connection: Connection, days: Iterable[date], fill: Fill | None = None) -> None:
    """Add the partitions that the days' months lack, in the caller's transaction.

    `fill` stores the rows of a month: it gets a table, and which rows are of its month.
    """
    for month in _missing_months(connection, days):
        name = _name(month)
        partition = sql.Identifier("prod", name)
        execute(connection, "crypto_events/publication/create_partition.sql", partition=partition)
        if fill:
            fill(partition, of_month(month))
        execute(
            connection,
            "crypto_events/publication/attach_partition.sql",
            partition=partition,
            first_day=sql.Literal(month),
            first_day_of_next_month=sql.Literal(_next_month(month)),
        )
        execute(
            connection,
            "crypto_events/publication/watch_partition.sql",
            {"partition": f"prod.{name}"},
        )


def of_month(month: date) -> sql.Composable:
    """Return SQL that is true for a row of the month that begins on this day."""
    return sql.SQL("(purchase_date >= {} AND purchase_date < {})").format(
        sql.Literal(month), sql.Literal(_next_month(month))
    )


def months_of(days: Iterable[date]) -> list[date]:
    """Return the first day of each month of the days, in order."""
    return sorted({day.replace(day=1) for day in days})


def _missing_months(connection: Connection, days: Iterable[date]) -> list[date]:
    return [
        month for month in months_of(days) if not table_exists(connection, f"prod.{_name(month)}")
    ]


def _name(month: date) -> str:
    return f"bt_crypto_events_{month:%Y_%m}"


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
