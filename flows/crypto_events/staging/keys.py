"""What a run looks at again: the rest of its window was published, and nothing touched it since.

A key is a user's rows of a day, or a whole day. What was published of any other key equals what its
raw rows say now, so it is only counted; earlier runs vouch for it (dqm.bt_crypto_events_vouchers).
"""

from datetime import date

from flows.crypto_events.run import WindowRun
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
