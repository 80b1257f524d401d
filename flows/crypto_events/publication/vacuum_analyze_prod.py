"""Vacuum the partitions that the run changed, and refresh their statistics."""

from dataclasses import dataclass

from psycopg import sql

from flows.crypto_events.run import WindowRun
from flows.platform.warehouse.connection import connect, execute
from flows.settings import Settings


@dataclass(frozen=True)
class Vacuumed:
    """Names of the partitions that were vacuumed."""

    partitions: tuple[str, ...]


def vacuum_analyze_prod(settings: Settings, run: WindowRun) -> Vacuumed:
    """VACUUM the partitions of the window in which the run changed rows.

    ANALYZE those of which more than 2 % are new, or more than 10 % changed since that was done.
    """
    with connect(settings, "vacuum_analyze_prod", autocommit=True) as connection:
        rows = execute(
            connection, "crypto_events/publication/touched_partitions.sql", {"run_id": run.run_id}
        ).fetchall()
        for row in rows:
            execute(
                connection,
                "crypto_events/publication/vacuum_partition.sql",
                partition=sql.Identifier("prod", row["partition"]),
                analyze=sql.Literal(row["analyze"]),
            )
    return Vacuumed(tuple(row["partition"] for row in rows))
