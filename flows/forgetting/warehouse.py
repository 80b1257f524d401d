"""A person in the warehouse: rows are deleted, what people wrote about them is made nameless."""

from collections.abc import Iterator

from psycopg import sql

from flows.crypto_events.landing.whose import SLIPS_INTO, among_slipped
from flows.forgetting.trace import Trace
from flows.forgetting.words import forget_in_words
from flows.platform.forgetting.people import People
from flows.platform.warehouse.connection import (
    Connection,
    connect,
    execute,
    transaction,
)
from flows.settings import Settings

_SUPERSEDED = ("dqm", "bt_crypto_events_superseded")
_RAW = (
    ("raw", "bt_crypto_transaction_history"),
    ("raw", "bt_crypto_transaction_history_replaced"),
)
# Not prod.bt_churn_scored_groups: it counts users of a segment or a city, and names nobody.
_ROWS = (
    *((*table, "user_id") for table in _RAW),
    ("raw", "bt_crypto_judged", "user_id"),
    ("raw", "bt_crypto_judged", "unreadable_user_id"),
    ("raw", "bt_crypto_touched", "user_id"),
    ("staging", "bt_crypto_events_keys", "user_id"),
    ("staging", "bt_crypto_events_window", "user_id"),
    ("staging", "bt_crypto_events_window", "unreadable_user_id"),
    ("prod", "bt_crypto_events", "user_id"),
    ("dqm", "bt_crypto_events_of_other_keys", "user_id"),
    ("prod", "bt_churn_scores", "user_id"),
    ("prod", "bt_churn_campaigns", "user_id"),
    ("dqm", "bt_crypto_events_rejects", "user_id"),
    ("dqm", "bt_crypto_events_dismissals", "user_id"),
)
# Delivered rows: what their user is, and the columns that a user's id may have slipped into.
_DELIVERED = sql.Identifier("user_id"), SLIPS_INTO
_READ = (
    sql.SQL("coalesce(user_id::text, unreadable_user_id)"),
    (
        "site_id",
        "unreadable_purchase_date",
        "crypto_type",
    ),
)
_SLIPPED = (
    *((*table, *_DELIVERED) for table in _RAW),
    ("raw", "bt_crypto_judged", *_READ),
    ("staging", "bt_crypto_events_window", *_READ),
    ("dqm", "bt_crypto_events_rejects", *_DELIVERED),
    ("dqm", "bt_crypto_events_dismissals", *_DELIVERED),
)


def forget_in_warehouse(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Delete their rows from every table in one transaction, then vacuum the tables.

    A dry run rolls back instead.
    """
    with transaction(settings, "forget") as connection:
        # The raw rows go as well, so that what is published stays what they say.
        execute(connection, "crypto_events/publication/publish_as_ourselves.sql")
        traces = [
            *_superseded(connection, people),
            *_rows(connection, people),
            *_slipped(settings, connection, people),
            *_delivered(connection, people),
            *forget_in_words(connection, people),
        ]
        if dry_run:
            connection.rollback()
    if not dry_run:
        _vacuum(settings, {trace.place for trace in traces if trace.found})
    return traces


def _superseded(connection: Connection, people: People) -> Iterator[Trace]:
    # They hold numbers of raw rows alone, and only those tell whose.
    for schema, table in _RAW:
        if cells := _cells(connection, people, schema, table, "user_id"):
            raw = sql.Identifier(schema, table)
            deleted = execute(
                connection, "forgetting/delete_superseded.sql", {"cells": cells}, raw=raw
            )
            yield Trace(".".join(_SUPERSEDED), deleted.rowcount, "deleted")


def _rows(connection: Connection, people: People) -> Iterator[Trace]:
    for schema, table, column in _ROWS:
        if cells := _cells(connection, people, schema, table, column):
            deleted = execute(
                connection,
                "forgetting/delete_rows.sql",
                {"cells": cells},
                table=sql.Identifier(schema, table),
                column=sql.Identifier(column),
            )
            yield Trace(f"{schema}.{table}", deleted.rowcount, "deleted")


def _slipped(settings: Settings, connection: Connection, people: People) -> Iterator[Trace]:
    for schema, name, user, columns in _SLIPPED:
        parts: dict[str, sql.Composable] = {
            "table": sql.Identifier(schema, name),
            "user": user,
            "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        }
        rows = execute(connection, "forgetting/slipped_cells.sql", None, **parts)
        if cells := among_slipped(people, [row["cell"] for row in rows], settings.crypto):
            deleted = execute(
                connection, "forgetting/delete_slipped.sql", {"cells": cells}, **parts
            )
            yield Trace(f"{schema}.{name}", deleted.rowcount, "deleted")


def _delivered(connection: Connection, people: People) -> Iterator[Trace]:
    # Rows of others as a producer delivered them, which may name the person in any column.
    for schema, name in _RAW:
        table = sql.Identifier(schema, name)
        rows = execute(connection, "forgetting/delivered_cells.sql", table=table)
        if cells := people.among(row["cell"] for row in rows):
            emptied = execute(
                connection, "forgetting/empty_delivered.sql", {"cells": cells}, table=table
            )
            yield Trace(f"{schema}.{name}", emptied.rowcount, "made nameless")


def _cells(
    connection: Connection, people: People, schema: str, table: str, column: str
) -> list[str]:
    rows = execute(
        connection,
        "forgetting/cells.sql",
        table=sql.Identifier(schema, table),
        column=sql.Identifier(column),
    )
    return people.among(row["cell"] for row in rows)


def _vacuum(settings: Settings, tables: set[str]) -> None:
    with connect(settings, "forget", autocommit=True) as connection:
        for name in sorted(tables):
            table = sql.Identifier(*name.split("."))
            execute(
                connection,
                "crypto_events/publication/vacuum_partition.sql",
                partition=table,
                analyze=sql.Literal(True),
            )
