"""What a run looks at again: the rest of its window was published, and nothing touched it since.

A key is a user's rows of a day, or a whole day. What was published of any other key equals what its
raw rows say now, so it is only counted; earlier runs vouch for it (dqm.bt_crypto_events_vouchers).
"""

from datetime import date

from psycopg import sql

from flows.crypto_events.run import WindowRun
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, execute


def pick_keys(connection: Connection, run: WindowRun) -> None:
    """Fill staging.bt_crypto_events_keys; the temporary table `dismissed` is there."""
    execute(
        connection,
        "crypto_events/staging/keys/pick.sql",
        {"window_start": run.window_start, "as_of": run.as_of},
    )
    execute(connection, "crypto_events/staging/keys/analyze.sql")


def whole_days(connection: Connection) -> list[date]:
    """Return the days that the run looks at as a whole."""
    rows = execute(connection, "crypto_events/staging/keys/whole_days.sql")
    return [row["day"] for row in rows]


def count_vouched(connection: Connection, run: WindowRun, looked_at: list[date]) -> None:
    """Count what the run does not look at again, by day, into staging.bt_crypto_events_days.

    Raises KpiError when more is live than raw rows are there.
    """
    execute(
        connection,
        "crypto_events/staging/keys/count_vouched.sql",
        {"window_start": run.window_start, "as_of": run.as_of},
        other_days=sql.Literal([day for day in run.days if day not in looked_at]),
    )
    wrong = execute(connection, "crypto_events/staging/keys/first_miscount.sql").fetchone()
    if wrong:
        raise KpiError(
            f"{wrong['vouched_keys']} rows of {wrong['day']} are live that nothing touched, but "
            f"only {wrong['vouched_rows']} raw rows say so. Nothing was published; "
            "`kpi run --full` judges and compares every row of the window anew."
        )
