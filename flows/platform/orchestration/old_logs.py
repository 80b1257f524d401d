"""Old logs of Prefect, which its API does not remove: in its database, where we reach that."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from flows.errors import KpiError, first_line
from flows.platform.storage.layout import prefect_home
from flows.platform.warehouse.connection import connection_arguments, execute, fetch_one
from flows.settings import Settings

# A server's database is not this home's.
_ELSEWHERE = ("PREFECT_API_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
_COUNT = "SELECT count(*) FROM log WHERE timestamp < ?"
_REMOVE = "DELETE FROM log WHERE id IN (SELECT id FROM log WHERE timestamp < ? LIMIT ?)"
_PATIENCE_SECONDS = 60


def remove_old_logs(settings: Settings, since: datetime, *, dry_run: bool) -> int | None:
    """Remove the lines from before a moment; return how many those are. A dry run only counts.

    None where Prefect's database is out of reach. Killed at any place, the next run completes it.
    Raises KpiError when the database refuses.
    """
    database = prefect_home(settings) / "prefect.db"
    try:
        if settings.prefect_database_url:
            return _on_server(
                settings, settings.prefect_database_url.get_secret_value(), since, dry_run=dry_run
            )
        if database.is_file() and not any(map(os.environ.get, _ELSEWHERE)):
            return _in_file(settings, database, since, dry_run=dry_run)
    except (psycopg.Error, sqlite3.Error) as error:
        raise KpiError(f"Prefect's database keeps its old logs: {first_line(error)}") from error
    return None


def _on_server(settings: Settings, url: str, since: datetime, *, dry_run: bool) -> int:
    values = {"kept_since": since, "batch": settings.retention.batch_rows}
    with psycopg.connect(
        url,
        autocommit=True,
        row_factory=dict_row,
        **connection_arguments(settings, "prune_prefect"),
    ) as connection:
        if dry_run:
            return int(
                fetch_one(connection, "platform/orchestration/count_old_logs.sql", values)["rows"]
            )
        return _in_batches(
            settings,
            lambda: (
                execute(connection, "platform/orchestration/remove_old_logs.sql", values).rowcount
            ),
        )


def _in_file(settings: Settings, database: Path, since: datetime, *, dry_run: bool) -> int:
    before = f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}"  # as Prefect writes it there
    # It commits each statement.
    with closing(
        sqlite3.connect(database, timeout=_PATIENCE_SECONDS, isolation_level=None)
    ) as connection:
        if dry_run:
            return int(connection.execute(_COUNT, [before]).fetchone()[0])
        values = [before, settings.retention.batch_rows]
        return _in_batches(settings, lambda: connection.execute(_REMOVE, values).rowcount)


def _in_batches(settings: Settings, remove: Callable[[], int]) -> int:
    removed = 0
    while True:
        gone = remove()
        removed += gone
        if gone < settings.retention.batch_rows:
            return removed
