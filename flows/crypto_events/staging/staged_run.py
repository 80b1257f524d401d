"""The staged window belongs to one run: exactly what was validated is published, or nothing."""

from psycopg.rows import DictRow

from flows.crypto_events.run import WindowRun
from flows.errors import StageLost
from flows.platform.warehouse.connection import Connection, execute

_STEP = "build_events_candidate"


def staged_run(connection: Connection, run: WindowRun) -> DictRow:
    """Check the run's staged window, and return its row of dqm.bt_crypto_events_runs.

    Raises StageLost when the run staged nothing, another run has staged since, or the rows are not
    exactly those the run staged (a server crash empties unlogged tables).
    """
    row = execute(
        connection, "crypto_events/staging/staged_run.sql", {"run_id": run.run_id}
    ).fetchone()
    if row is None:
        raise StageLost(f"Run {run.run_id} has staged nothing.", needs_step=_STEP)
    rows = row["raw_rows"] - row["vouched_rows"]
    if row["rows_found"] != rows or row["rows_of_others"] or row["days_lost"]:
        raise StageLost(
            f"Run {run.run_id} staged {rows} rows, of which "
            f"{row['rows_found'] - row['rows_of_others']} are there: another run staged since, "
            "or the server restarted.",
            needs_step=_STEP,
        )
    return row
