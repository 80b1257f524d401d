"""Files under the home folder: which are old, and their removal."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flows.retention.ledger import Pruned

_IS_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DAY = len("2026-06-30")


@dataclass(frozen=True)
class StoredFile:
    """A file or object: where it is, how large, and since when it is as it is."""

    name: str
    bytes: int
    changed: datetime


def old_ones(
    found: Sequence[StoredFile], kept_since: datetime, newest_kept: int
) -> list[StoredFile]:
    """Return those from before the kept period, oldest first, but never the newest so many."""
    by_age = sorted(found, key=lambda file: (file.changed, file.name))
    candidates = by_age[: max(len(by_age) - newest_kept, 0)]
    return [file for file in candidates if file.changed < kept_since]


def files_below(folder: Path, kept_since: datetime) -> list[StoredFile]:
    """Return every file below the folder; none where there is no folder."""
    return list(_files(folder, kept_since)) if folder.is_dir() else []


def _files(folder: Path, kept_since: datetime) -> Iterator[StoredFile]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            changed = datetime.fromtimestamp(status.st_mtime, kept_since.tzinfo)
            yield StoredFile(str(path), status.st_size, changed)


def remove_files(folder: Path, old: Sequence[StoredFile]) -> None:
    """Remove the files, then every empty folder below this one, a killed run's as well."""
    for file in old:
        Path(file.name).unlink(missing_ok=True)
    for below, _, _ in os.walk(folder, topdown=False):
        path = Path(below)
        if path != folder and not any(path.iterdir()):
            with suppress(OSError):  # somebody has put a file there since
                path.rmdir()


def cut_log(log: Path, kept_from: date, *, removes: bool) -> int:
    """Cut lines from before that day off a log whose lines begin with theirs; return the bytes.

    In place, since whoever writes the log goes on with the same file, at its end.
    """
    if not log.is_file():
        return 0
    with log.open("r+b" if removes else "rb") as file:
        old = 0
        for line in file:
            day = line[:_DAY].decode("ascii", "replace")
            if _IS_DAY.fullmatch(day) and day >= kept_from.isoformat():
                break
            old += len(line)
        if old and removes:
            file.seek(old)
            kept = file.read()
            file.seek(0)
            file.write(kept)
            file.truncate()
    return old


def as_pruned(empty: Pruned, old: Sequence[StoredFile]) -> Pruned:
    """Return the place with these files."""
    return empty + Pruned(
        empty.place, empty.kept_from, files=len(old), bytes=sum(file.bytes for file in old)
    )
