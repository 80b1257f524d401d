"""Forgotten people: whether the ledger is whole and applied, and its key is here."""

from collections.abc import Iterator
from contextlib import suppress

from psycopg import errors

from flows.errors import KpiError
from flows.local.postgres.shared import running_warehouse
from flows.platform.forgetting.forgotten import require_key
from flows.platform.forgetting.ledger import Line, in_force, lines_in_file, lines_in_table
from flows.platform.warehouse.connection import connect
from flows.platform.warehouse.errors import warehouse_errors
from flows.settings import load_settings


def forgotten() -> Iterator[str]:
    """Check the ledger of forgotten people; change nothing."""
    settings = load_settings()
    with (
        running_warehouse(settings) as running,
        warehouse_errors(),
        connect(running, "doctor") as connection,
    ):
        try:
            lines = lines_in_table(connection)
        except errors.InsufficientPrivilege:
            yield "forgotten people: only who owns the tables reads the ledger"
            return
    known = {line.line_id for line in lines}
    in_file: list[Line] = []
    with suppress(KpiError):  # the object store has a check of its own
        in_file = lines_in_file(settings)
    missing = [line for line in in_file if line.line_id not in known]
    people = in_force([*lines, *missing])
    if not people:
        yield "forgotten people: none"
        return
    require_key(settings, people.values())
    unfinished = [line for line in people.values() if line in missing or line.finished_at is None]
    if unfinished:
        raise KpiError(
            f"Of {len(unfinished):,} who were forgotten, something may be in the warehouse "
            "or in files again, or still: the warehouse was restored, or a command was cut short. "
            "Run `kpi forget --again`."
        )
    yield f"forgotten people: {len(people):,}, the ledger applied, its key here"
