"""The rows for every approach: older ones, the window's, and one day's changes."""

from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import sql

from flows.crypto_events.publication.partitions import add_partitions
from flows.crypto_events.run import plan_run
from flows.platform.warehouse.connection import Connection, connect, execute
from flows.settings import Settings

# The window starts a month, so its partition holds only the window and can be emptied.
AS_OF = date(2025, 3, 5)
_HISTORY_DAYS = 730
_FEW = 1_000
_HISTORY, _WINDOW, _BAD = "history", "window", "bad rows"

OURS = sql.Identifier("prod", "bt_crypto_events")
WINDOW_PARTITION = sql.Identifier("prod", f"bt_crypto_events_{AS_OF:%Y_%m}")
LIMIT = sql.Identifier("benchmark", "limit_events")
BASELINE = sql.Identifier("benchmark", "baseline_events")


@dataclass(frozen=True)
class Size:
    """Rows in the window, before it and in the dirty delivery, and the number of repetitions."""

    rows: int
    history: int
    bad_rows: int
    repetitions: int


def fill(settings: Settings, size: Size) -> None:
    """Store the window and, already published, the history before it."""
    window = plan_run(settings, AS_OF)
    before = plan_run(settings, window.window_start - timedelta(days=1), window_days=_HISTORY_DAYS)
    with connect(settings, "benchmark fill", autocommit=True) as connection:
        connection.execute("CREATE SCHEMA benchmark")
        for table in ("limit", "baseline_candidate", "baseline_rejects", "baseline_events"):
            execute(connection, f"benchmarks/create_{table}.sql")
        _fill_raw(connection, _WINDOW, window.window_start, window.window_days, 1, size.rows)
        if size.history:
            first_number = 10 * size.rows  # room for new rows of the window
            _fill_raw(
                connection,
                _HISTORY,
                before.window_start,
                before.window_days,
                first_number,
                size.history,
            )
            add_partitions(connection, before.days)
            for events in (OURS, BASELINE):
                execute(connection, "benchmarks/fill_prod.sql", {"source": _HISTORY}, events=events)
        connection.execute("VACUUM (ANALYZE)")


def change_one_percent(settings: Settings, size: Size, number: int) -> None:
    """Change 1 % of the window's raw rows, add 1 % and remove 1 %; `number` selects which."""
    window = plan_run(settings, AS_OF)
    added = max(size.rows // 100, window.window_days)
    with connect(settings, "benchmark change", autocommit=True) as connection:
        for name, remainder in (("change_prices", 2 * number), ("remove_rows", 2 * number + 1)):
            execute(
                connection,
                f"benchmarks/{name}.sql",
                {"source": _WINDOW, "remainder": remainder},
            )
        first = 2 * size.rows + number * added
        _fill_raw(connection, _WINDOW, window.window_start, window.window_days, first, added)
        connection.execute("VACUUM (ANALYZE) raw.bt_crypto_transaction_history")


def change_few(settings: Settings, size: Size, number: int) -> None:
    """Change a fixed number of the window's raw rows, all over it; `number` selects which."""
    with connect(settings, "benchmark change", autocommit=True) as connection:
        execute(
            connection,
            "benchmarks/change_few.sql",
            {"source": _WINDOW, "one_in": max(size.rows // _FEW, 1), "remainder": number},
        )
        connection.execute("VACUUM (ANALYZE)")


def deliver_bad_rows(settings: Settings, size: Size) -> None:
    """Store raw rows that each break a rule."""
    with connect(settings, "benchmark bad rows", autocommit=True) as connection:
        execute(
            connection,
            "benchmarks/fill_bad_rows.sql",
            {"source": _BAD, "day": AS_OF, "rows": size.bad_rows},
        )
        connection.execute("VACUUM (ANALYZE) raw.bt_crypto_transaction_history")


def _fill_raw(
    connection: Connection, source: str, first_day: date, days: int, first_number: int, rows: int
) -> None:
    execute(
        connection,
        "benchmarks/fill_raw.sql",
        {
            "source": source,
            "first_day": first_day,
            "days": days,
            "first_number": first_number,
            "rows": rows,
        },
    )
