"""Raw rows of crypto events: a day at a time, and only those that were decided about."""

from collections.abc import Iterator
from datetime import date

from psycopg import sql

from flows.crypto_events.calendar import date_forms, ensure_calendar
from flows.crypto_events.key import Key
from flows.platform.warehouse.connection import Connection, execute
from flows.retention.run import PruneRun
from flows.settings import Settings


def days_with_old_raw_rows(
    connection: Connection, settings: Settings, run: PruneRun
) -> Iterator[date]:
    """Yield the days before the kept period that have raw rows, oldest first."""
    ensure_calendar(connection, settings)
    kept_from = run.kept_from(settings.retention.raw_days)
    rows = execute(connection, "retention/days_with_old_raw_rows.sql", {"kept_from": kept_from})
    yield from [row["day"] for row in rows.fetchall()]


def forms_of(settings: Settings, day: date) -> dict[str, sql.Composable]:
    """Return what the statement about a day's rows is composed of."""
    return {
        "day_forms": sql.Literal(date_forms(settings.crypto.date_format, day)),
        "adds_up": sql.Literal(Key.of(settings.crypto).shared == "sum"),
        "number_max_length": sql.Literal(settings.crypto.number_max_length),
    }
