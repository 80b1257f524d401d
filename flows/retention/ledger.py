"""What was removed, by place: `dqm.prunings`."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.retention.run import PruneRun
from flows.settings import Settings


@dataclass(frozen=True)
class Pruned:
    """What went from a place, or would go: rows or things of a program, files, and their size."""

    place: str
    kept_from: date
    rows: int = 0
    files: int = 0
    bytes: int = 0

    def __add__(self, more: "Pruned") -> "Pruned":
        return Pruned(
            self.place,
            self.kept_from,
            self.rows + more.rows,
            self.files + more.files,
            self.bytes + more.bytes,
        )


@dataclass(frozen=True)
class PrunedPlaces:
    """What a step removed in all; each place is in dqm.prunings."""

    rows: int
    files: int
    bytes: int


def record(connection: Connection, run: PruneRun, pruned: Pruned) -> None:
    """Write it down in the caller's transaction; a run that is repeated adds to its line."""
    execute(
        connection,
        "retention/record.sql",
        {"run_id": run.run_id, "mode": run.mode, "as_of": run.as_of, **vars(pruned)},
    )


def record_all(settings: Settings, run: PruneRun, places: list[Pruned]) -> PrunedPlaces:
    """Write down every place, and return what they are together."""
    with transaction(settings, "retention ledger") as connection:
        for pruned in places:
            record(connection, run, pruned)
    return in_all(places)


def in_all(places: list[Pruned]) -> PrunedPlaces:
    """Return what the places are together."""
    return PrunedPlaces(
        sum(pruned.rows for pruned in places),
        sum(pruned.files for pruned in places),
        sum(pruned.bytes for pruned in places),
    )


def of_run(settings: Settings, run_id: str) -> list[dict[str, Any]]:
    """Return the lines of a run, by place."""
    with transaction(settings, "retention ledger") as connection:
        return execute(connection, "retention/of_run.sql", {"run_id": run_id}).fetchall()
