"""How much of the window a suite checks now, and which runs vouch for the rest."""

from dataclasses import dataclass

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
    row = fetch_one(connection, "crypto_events/validation/coverage.sql")
    return Coverage(row["raw_rows"], row["vouched_rows"], row["runs"])


def coverage_of_candidate(connection: Connection) -> Coverage:
    """Return what suite_staging_candidate looks at; the others are live as they were checked."""
    row = fetch_one(connection, "crypto_events/validation/coverage.sql")
    return Coverage(row["candidate_rows"], row["vouched_keys"], row["runs"])
