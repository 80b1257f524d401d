"""What Prefect keeps in texts of its database, and may name somebody: a home's file, or a server's.

A driver's words come into messages, logs and events; a person's into answers about promotions, the
reports that quote them, and the runs that they ask for.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from flows.errors import KpiError, first_line
from flows.platform.forgetting.people import People
from flows.platform.forgetting.texts_in_json import texts_without
from flows.platform.warehouse.connection import Connection, connection_arguments, execute
from flows.settings import Settings

# A test compares both with all the texts of the database.
SEARCHED = {
    "artifact": ("data", "description", "metadata_"),
    "artifact_collection": ("data", "description", "metadata_"),
    "automation_bucket": ("last_event",),
    "automation_event_follower": ("follower",),
    "composite_trigger_child_firing": ("child_firing",),
    "event_resources": ("resource", "resource_id"),
    "events": ("payload", "related", "related_resource_ids", "resource"),
    "flow_run": ("context", "name", "parameters", "tags"),
    "flow_run_input": ("value",),
    "flow_run_state": ("message",),
    "log": ("message",),
    "task_run_state": ("message",),
}
# What people set up: changed, it might do something else.
LEFT = {
    "automation": ("actions", "description", "name", "trigger"),
    "deployment": ("description", "infra_overrides", "parameters", "tags"),
    "saved_search": ("filters", "name"),
    "variable": ("name", "tags", "value"),
}

_PATIENCE_SECONDS = 60
_COLUMNS = (
    "SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c"
    " WHERE m.type = 'table'"
)
_CELLS = 'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL'
_REPLACE = 'UPDATE "{table}" SET "{column}" = :after WHERE "{column}" = :before'


@dataclass(frozen=True)
class InPrefect:
    """How many ids were made nameless, and how many stay in what people set up."""

    hidden: int = 0
    left: int = 0


class _Database(Protocol):
    def columns(self) -> set[tuple[str, str]]: ...

    def cells(self, table: str, column: str) -> list[str]: ...

    def replace(self, table: str, column: str, before: str, after: str) -> None: ...


def hide_in_prefect(
    settings: Settings, address: Path | str, people: People, *, dry_run: bool
) -> InPrefect:
    """Put an x for each digit of their ids, in a file or at a `postgresql://…` address.

    A dry run only counts. Raises KpiError when the database refuses, or is none of Prefect's.
    """
    found = {"hidden": 0, "left": 0}
    with _database(settings, address) as database:
        for kind, table, column in _there(database):
            for cell in database.cells(table, column):
                after, ids = texts_without(cell, people)
                found[kind] += ids
                if ids and kind == "hidden" and not dry_run:
                    database.replace(table, column, cell, after)
        if isinstance(database, _File) and found["hidden"] and not dry_run:
            database.leave_no_trace()
    return InPrefect(**found)


def numbers_in_prefect(settings: Settings, address: Path | str) -> set[str]:
    """Return every number that stands by itself there, for whoever knows which are somebody's.

    Raises KpiError when the database refuses, or is none of Prefect's.
    """
    seen = _Everybody()
    with _database(settings, address) as database:
        for _, table, column in _there(database):
            for cell in database.cells(table, column):
                texts_without(cell, seen)
    return seen.numbers


class _Everybody(People):
    """Remembers whom it is asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: set[str] = set()

    def has(self, cell: str | None) -> bool:
        self.numbers |= {cell} if cell else set()
        return False


def _there(database: _Database) -> list[tuple[str, str, str]]:
    has = database.columns()
    if ("log", "message") not in has:
        raise KpiError("Prefect's database was not searched: it has no table of logs.")
    return [
        (kind, table, column)
        for kind, places in (("hidden", SEARCHED), ("left", LEFT))
        for table, columns in places.items()
        for column in columns
        # Versions of Prefect differ.
        if (table, column) in has
    ]


@contextmanager
def _database(settings: Settings, address: Path | str) -> Iterator[_Database]:
    try:
        if isinstance(address, Path):
            with closing(
                sqlite3.connect(address, timeout=_PATIENCE_SECONDS, isolation_level=None)
            ) as file:
                yield _File(file)
            return
        arguments = connection_arguments(settings, "forget")
        with psycopg.connect(address, row_factory=dict_row, **arguments) as connection:
            yield _Server(connection)
    except (psycopg.Error, sqlite3.Error) as error:
        raise KpiError(f"Prefect's database was not searched: {first_line(error)}") from error


class _File:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def columns(self) -> set[tuple[str, str]]:
        return set(self._connection.execute(_COLUMNS).fetchall())

    def cells(self, table: str, column: str) -> list[str]:
        rows = self._connection.execute(_CELLS.format(table=table, column=column))
        return [cell for (cell,) in rows.fetchall()]

    def replace(self, table: str, column: str, before: str, after: str) -> None:
        words = {"before": before, "after": after}
        self._connection.execute(_REPLACE.format(table=table, column=column), words)

    def leave_no_trace(self) -> None:
        # What was replaced is in no page of the file any more, nor in the log beside it.
        self._connection.execute("VACUUM")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Server:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def columns(self) -> set[tuple[str, str]]:
        rows = execute(self._connection, "forgetting/columns.sql")
        return {(row["table_name"], row["column_name"]) for row in rows}

    def cells(self, table: str, column: str) -> list[str]:
        of, named = sql.Identifier(table), sql.Identifier(column)
        rows = execute(self._connection, "forgetting/cells.sql", table=of, column=named)
        return [row["cell"] for row in rows]

    def replace(self, table: str, column: str, before: str, after: str) -> None:
        of, named = sql.Identifier(table), sql.Identifier(column)
        words = {"before": before, "after": after}
        execute(self._connection, "forgetting/replace_words.sql", words, table=of, column=named)
