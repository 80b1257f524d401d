"""A person in what Prefect keeps: results of runs, messages of states, lines of logs.

None of these should name anybody; what a driver's words brought there, is made nameless.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from flows.errors import KpiError
from flows.forgetting.numbers_in_text import without_people
from flows.forgetting.trace import Trace
from flows.platform.forgetting.people import People
from flows.platform.storage.atomic_files import replacing
from flows.platform.storage.layout import prefect_home
from flows.platform.warehouse.connection import Connection, connection_arguments, execute
from flows.platform.warehouse.errors import first_line
from flows.settings import Settings

_TABLES = ("log", "flow_run_state", "task_run_state")
_FOUND = "SELECT DISTINCT message AS cell FROM {} WHERE message IS NOT NULL"
_REPLACE = "UPDATE {} SET message = :after WHERE message = :before"
_PATIENCE_SECONDS = 60


def result_without_people(content: bytes, people: People) -> tuple[bytes, int]:
    """Return a run's result without their ids in its texts, and how many ids those were.

    Its numbers are counts. Raises ValueError when it is no JSON.
    """
    kept, found = _texts_without(json.loads(content), people)
    return (json.dumps(kept).encode(), found) if found else (content, 0)


def _texts_without(held: Any, people: People) -> tuple[Any, int]:
    if isinstance(held, str):
        try:
            inner = json.loads(held)
        except ValueError:
            return without_people(held, people)
        if not isinstance(inner, dict | list):
            return without_people(held, people)
        kept, found = _texts_without(inner, people)
        return (json.dumps(kept) if found else held), found
    if isinstance(held, dict):
        parts = {name: _texts_without(each, people) for name, each in held.items()}
        return {name: kept for name, (kept, _) in parts.items()}, sum(n for _, n in parts.values())
    if isinstance(held, list):
        items = [_texts_without(each, people) for each in held]
        return [kept for kept, _ in items], sum(n for _, n in items)
    return held, 0


def forget_in_result(path: Path, people: People, *, place: str, dry_run: bool) -> list[Trace]:
    """Make a run's result in the home nameless. Raises KpiError when it cannot be read."""
    try:
        content, found = result_without_people(path.read_bytes(), people)
    except (ValueError, OSError) as error:
        raise KpiError(f"{path} cannot be searched: it is no result of ours in JSON") from error
    if found and not dry_run:
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    return [Trace(place, found, "made nameless")]


def forget_in_prefect(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Make the messages in Prefect's databases nameless: the home's, and the server's.

    The server's is searched where the settings name it. Raises KpiError when one refuses.
    """
    found = 0
    database = prefect_home(settings) / "prefect.db"
    try:
        if database.is_file():
            found += _in_file(database, people, dry_run=dry_run)
        if settings.prefect_database_url:
            with psycopg.connect(
                settings.prefect_database_url.get_secret_value(),
                row_factory=dict_row,
                **connection_arguments(settings, "forget"),
            ) as connection:
                found += _on_server(connection, people, dry_run=dry_run)
    except (psycopg.Error, sqlite3.Error) as error:
        raise KpiError(f"Prefect's database was not searched: {first_line(error)}") from error
    return [Trace("Prefect: messages and logs", found, "made nameless")]


def _in_file(database: Path, people: People, *, dry_run: bool) -> int:
    found = 0
    with closing(
        sqlite3.connect(database, timeout=_PATIENCE_SECONDS, isolation_level=None)
    ) as connection:
        for table in _there(connection):
            for (text,) in connection.execute(_FOUND.format(table)).fetchall():
                nameless, ids = without_people(text, people)
                if ids and not dry_run:
                    words = {"before": text, "after": nameless}
                    connection.execute(_REPLACE.format(table), words)
                found += ids
        if found and not dry_run:
            # What was replaced is in no page of the file any more, nor in the log beside it.
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return found


def _there(connection: sqlite3.Connection) -> list[str]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in tables if name in _TABLES]


def _on_server(connection: Connection, people: People, *, dry_run: bool) -> int:
    found = 0
    column = sql.Identifier("message")
    for table in map(sql.Identifier, _TABLES):
        rows = execute(connection, "forgetting/cells.sql", table=table, column=column).fetchall()
        for row in rows:
            nameless, ids = without_people(row["cell"], people)
            if ids and not dry_run:
                words = {"before": row["cell"], "after": nameless}
                execute(
                    connection, "forgetting/replace_words.sql", words, table=table, column=column
                )
            found += ids
    return found
