"""A person in the warehouse: rows are deleted, what people wrote about them is made nameless."""

from collections.abc import Iterator

from psycopg import sql

from flows.forgetting.numbers_in_text import without_people
from flows.forgetting.trace import Trace
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
_ROWS = (
    *((*table, "user_id") for table in _RAW),
    ("staging", "bt_crypto_events_window", "user_id"),
    ("staging", "bt_crypto_events_window", "unreadable_user_id"),
    ("prod", "bt_crypto_events", "user_id"),
    ("prod", "bt_churn_scores", "user_id"),
    ("dqm", "bt_crypto_events_rejects", "user_id"),
    ("dqm", "bt_crypto_events_dismissals", "user_id"),
)
_WORDS = (
    ("dqm", "bt_crypto_events_rejects", "resolution"),
    ("dqm", "bt_crypto_events_dismissals", "why"),
)


def forget_in_warehouse(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Delete their rows from every table in one transaction, then vacuum the tables."""
    with transaction(settings, "forget") as connection:
        traces = [
            *_superseded(connection, people, dry_run=dry_run),
            *_rows(connection, people, dry_run=dry_run),
            *_words(connection, people, dry_run=dry_run),
        ]
    if not dry_run:
        _vacuum(settings, {trace.place for trace in traces if trace.found})
    return traces


def _superseded(connection: Connection, people: People, *, dry_run: bool) -> Iterator[Trace]:
    # They hold numbers of raw rows alone, and only those tell whose.
    verb = sql.SQL("SELECT count(*) AS rows" if dry_run else "DELETE")
    for schema, table in _RAW:
        cells = _cells(connection, people, schema, table, "user_id")
        if not cells:
            continue
        cursor = execute(
            connection,
            "forgetting/superseded_of_people.sql",
            {"cells": cells},
            verb=verb,
            raw=sql.Identifier(schema, table),
        )
        rows = _number(cursor.fetchone()) if dry_run else cursor.rowcount
        yield Trace(".".join(_SUPERSEDED), rows, "deleted")


def _rows(connection: Connection, people: People, *, dry_run: bool) -> Iterator[Trace]:
    verb = sql.SQL("SELECT count(*) AS rows" if dry_run else "DELETE")
    for schema, table, column in _ROWS:
        cells = _cells(connection, people, schema, table, column)
        if not cells:
            continue
        cursor = execute(
            connection,
            "forgetting/rows_of_people.sql",
            {"cells": cells},
            verb=verb,
            table=sql.Identifier(schema, table),
            column=sql.Identifier(column),
        )
        rows = _number(cursor.fetchone()) if dry_run else cursor.rowcount
        yield Trace(f"{schema}.{table}", rows, "deleted")


def _words(connection: Connection, people: People, *, dry_run: bool) -> Iterator[Trace]:
    for schema, table, column in _WORDS:
        of, named = sql.Identifier(schema, table), sql.Identifier(column)
        cells = execute(connection, "forgetting/cells.sql", table=of, column=named).fetchall()
        for row in cells:
            text, found = without_people(row["cell"], people)
            if not found:
                continue
            yield Trace(f"{schema}.{table}", found, "made nameless")
            if not dry_run:
                words = {"before": row["cell"], "after": text}
                execute(
                    connection, "forgetting/replace_words.sql", words, table=of, column=named
                )


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


def _number(row: "dict[str, int] | None") -> int:
    return row["rows"] if row else 0


def _vacuum(settings: Settings, tables: set[str]) -> None:
    with connect(settings, "forget", autocommit=True) as connection:
        for name in sorted(tables):
            table = sql.Identifier(*name.split("."))
            execute(connection, "crypto_events/publication/vacuum_partition.sql", partition=table)
