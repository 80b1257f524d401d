"""The ledger of forgotten people: a table, and a file beside it that outlives a restored table.

Either may come from a backup that is older than the other: what one has, the other gets.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from psycopg import errors
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from flows.errors import KpiError, PipelineBusy
from flows.platform.storage.atomic_files import write_json
from flows.platform.storage.layout import artifacts_folder
from flows.platform.storage.object_store import NotFound, object_address, put, read_object
from flows.platform.warehouse.connection import Connection, execute, table_exists
from flows.settings import Settings

Action = Literal["forgotten", "lifted"]


@dataclass(frozen=True)
class Line:
    """What was decided about a person, of whom only the keyed hash is known.

    `places` counts what was deleted or made nameless, by place; `finished_at` is None as long as
    a place is left to be searched.
    """

    person: str
    key_id: str
    action: Action
    why: str
    decided_by: str
    decided_at: datetime
    line_id: UUID = field(default_factory=uuid4)
    finished_at: datetime | None = None
    places: dict[str, int] = field(default_factory=dict)


def lines_in_file(settings: Settings) -> list[Line]:
    """Return the lines of the file, oldest first.

    Raises KpiError when the file is damaged, or the object store does not give it.
    """
    path = ledger_file(settings)
    address = object_address(settings, path)
    try:
        text = read_object(settings, address)
    except NotFound:
        return []
    try:
        return _sorted(TypeAdapter(list[Line]).validate_json(text))
    except ValueError as error:
        raise KpiError(
            f"{address}, the ledger of forgotten people, cannot be read. Bring it back from a "
            "backup, or delete it where the warehouse was never restored."
        ) from error


def lines_in_table(connection: Connection) -> list[Line]:
    """Return the lines of the table, oldest first.

    No line can be added until the connection's transaction ends, so that what it stores meanwhile
    is found by a forgetting that begins later.
    """
    if not table_exists(connection, "dqm.bt_forgotten"):
        return []
    rows = execute(connection, "forgetting/read_lines.sql").fetchall()
    return _sorted(Line(**row) for row in rows)


def make_equal(settings: Settings, connection: Connection) -> list[Line]:
    """Give table and file the lines that only the other one has.

    Returns the lines that the table had not: those decided after it was backed up. They count as
    unfinished, since the rows came back with the table.
    """
    in_table = {line.line_id: line for line in lines_in_table(connection)}
    in_file = {line.line_id: line for line in lines_in_file(settings)}
    missing = [
        replace(line, finished_at=None) for id_, line in in_file.items() if id_ not in in_table
    ]
    for line in missing:
        _insert(connection, line)
    if missing or set(in_table) - set(in_file):
        _write_file(settings, lines_in_table(connection))
    return missing


def add_line(settings: Settings, connection: Connection, line: Line) -> None:
    """Write a line to the table, and commit it, then to the file.

    Waits for whoever read the ledger and still stores rows. Raises PipelineBusy when that takes
    longer than the settings' lock timeout.
    """
    try:
        execute(connection, "forgetting/keep_readers_out.sql")
    except errors.LockNotAvailable as error:
        raise PipelineBusy(
            "A delivery was still being stored after "
            f"{settings.lock_timeout_seconds} seconds; nothing was changed. Run again."
        ) from error
    _insert(connection, line)
    connection.commit()
    _write_file(settings, lines_in_table(connection))


def finish_line(settings: Settings, connection: Connection, line: Line) -> None:
    """Write when the line was finished, and its counts, to table and file."""
    execute(
        connection, "forgetting/finish_line.sql", {**asdict(line), "places": Jsonb(line.places)}
    )
    connection.commit()
    _write_file(settings, lines_in_table(connection))


def in_force(lines: Iterable[Line]) -> dict[str, Line]:
    """Return the line of each person who is to stay forgotten, by the hash.

    `lines` are sorted, oldest first.
    """
    last = {line.person: line for line in lines}
    return {person: line for person, line in last.items() if line.action == "forgotten"}


def ledger_file(settings: Settings) -> Path:
    """The ledger's file, `forgotten/ledger.json` in the runs bucket."""
    return artifacts_folder(settings) / settings.s3.runs_bucket / "forgotten" / "ledger.json"


def _insert(connection: Connection, line: Line) -> None:
    execute(connection, "forgetting/add_line.sql", {**asdict(line), "places": Jsonb(line.places)})


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.decided_at)


def _write_file(settings: Settings, lines: Iterable[Line]) -> None:
    path = ledger_file(settings)
    write_json(path, [asdict(line) for line in lines])
    put(settings, path)
