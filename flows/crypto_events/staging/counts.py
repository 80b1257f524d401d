"""How many rows a day has, without counting what nothing touched.

Whoever stores, deletes or publishes rows adds a line to raw.bt_crypto_raw_counts or
raw.bt_crypto_day_counts; the sum of a day's lines is its number of rows. Each run counts the raw
rows of one day in the table itself, in turn, so that every day is counted anew on its way through
the window; full runs count all of them, and verifying ones compare.
"""

from datetime import date

from psycopg import sql

from flows.crypto_events.run import WindowRun
from flows.crypto_events.staging.judge import window_dates
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, execute, fetch_one
from flows.settings import Settings

_FOLDER = "crypto_events/staging/counts"


def day_in_turn(run: WindowRun) -> date:
    """Return the day whose raw rows the run counts anew.

    Of windows that move by a day, each day is counted once.
    """
    days = run.days[::-1]
    return days[2 * run.as_of.toordinal() % len(days)]


def count_dated_rows(connection: Connection, settings: Settings, run: WindowRun) -> int:
    """Return how many raw rows are dated in the window, whatever was judged of them."""
    anew = run.days if run.full or run.verify else [day_in_turn(run)]
    execute(
        connection,
        f"{_FOLDER}/count_raw_rows_anew.sql",
        dates=window_dates(settings.crypto, anew),
    )
    row = fetch_one(
        connection,
        f"{_FOLDER}/dated_rows.sql",
        window_dates=window_dates(settings.crypto, run.days),
    )
    return int(row["dated_rows"])


def count_vouched(connection: Connection, run: WindowRun, looked_at: list[date]) -> None:
    """Count what the run does not look at again, by day, into staging.bt_crypto_events_days.

    Raises KpiError when more is live than raw rows are there.
    """
    execute(
        connection,
        f"{_FOLDER}/count_vouched.sql",
        None,
        other_days=sql.Literal([day for day in run.days if day not in looked_at]),
        **_window(run),
    )
    wrong = execute(connection, f"{_FOLDER}/first_miscount.sql").fetchone()
    if wrong:
        raise KpiError(
            f"{wrong['vouched_keys']} rows of {wrong['day']} are live that nothing touched, but "
            f"only {wrong['vouched_rows']} raw rows say so. Nothing was published; "
            "`kpi run --full` judges and compares every row of the window anew."
        )


def check_counts(connection: Connection, settings: Settings, run: WindowRun) -> None:
    """Raise KpiError where what was added up is not what is there."""
    wrong = execute(
        connection,
        f"{_FOLDER}/first_difference.sql",
        None,
        window_dates=window_dates(settings.crypto, run.days),
        **_window(run),
    ).fetchone()
    if wrong:
        raise KpiError(
            f"{wrong['found']:,} {wrong['of']} of {wrong['day']} are there, but {wrong['kept']:,} "
            "were counted as they came and went. Nothing was published; `kpi run --full` counts "
            "and judges every row of the window anew."
        )


def _window(run: WindowRun) -> dict[str, sql.Composable]:
    return {"window_start": sql.Literal(run.window_start), "as_of": sql.Literal(run.as_of)}
