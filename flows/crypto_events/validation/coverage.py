"""How much of the window a suite checks now, and which runs vouch for the rest."""

from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import DictRow

from flows.errors import a_few
from flows.platform.warehouse.connection import Connection, fetch_one

_RUNS_NAMED = 4  # in a sentence; the table has them all


@dataclass(frozen=True)
class Coverage:
    """Rows that are checked now, and rows that nothing touched since these runs checked them."""

    rows_checked: int
    rows_vouched_for: int
    vouched_for_by: list[str]

    def __str__(self) -> str:
        if not self.rows_vouched_for:
            return f"{self.rows_checked:,} checked now"
        return (
            f"{self.rows_checked:,} checked now, {self.rows_vouched_for:,} vouched for by "
            f"{a_few(self.vouched_for_by, _RUNS_NAMED)}"
        )


def coverage_of_raw_rows(connection: Connection) -> Coverage:
    """Return what suite_raw_history looks at; good rows alone are vouched for."""
    row = _coverage(connection, "bt_crypto_events_raw_window")
    return Coverage(row["rows_checked"], row["vouched_rows"], row["runs"])


def coverage_of_candidate(connection: Connection) -> Coverage:
    """Return what suite_staging_candidate looks at; the others are live as they were checked."""
    row = _coverage(connection, "bt_crypto_events_candidate")
    return Coverage(row["rows_checked"], row["vouched_keys"], row["runs"])


def _coverage(connection: Connection, looked_at: str) -> DictRow:
    return fetch_one(
        connection,
        "crypto_events/validation/coverage.sql",
        None,
        looked_at=sql.Identifier("staging", looked_at),
    )
