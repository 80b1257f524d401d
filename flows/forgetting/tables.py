"""A person in one file of rows: Parquet or CSV, rewritten without them."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO

from flows.errors import KpiError
from flows.forgetting.trace import Trace
from flows.platform.forgetting.numbers_in_text import without_people as nameless
from flows.platform.forgetting.parquet_rows import NAMED, WHOSE, without_people
from flows.platform.forgetting.people import People
from flows.platform.storage.atomic_files import replacing


def forget_in_parquet(path: Path, people: People, *, place: str, dry_run: bool) -> list[Trace]:
    """Delete their rows, and their id where they are named in rows of others.

    Raises KpiError when the file cannot be read.
    """
    rows = without_people(path, people, dry_run=dry_run)
    return [
        Trace(place, rows.deleted, "deleted"),
        Trace(place, rows.made_nameless, "made nameless"),
    ]


def forget_in_csv(path: Path, people: People, *, place: str, dry_run: bool) -> list[Trace]:
    """Delete their lines, and their id where they are named in lines of others.

    Other lines stay as they are, to the byte. A file with none of the columns that name people is
    left, and the places in it that may mean them are counted. Raises KpiError when the file cannot
    be read.
    """
    found = list(_searched(path, people, place))
    if dry_run or not any(trace.found for trace in found if trace.done != "left"):
        return found
    with replacing(path, as_old=True) as temporary, _opened(temporary, "w") as target:
        return list(_searched(path, people, place, target))


def _searched(
    path: Path, people: People, place: str, target: IO[str] | None = None
) -> Iterator[Trace]:
    records = _records(path)
    header, line = next(records, ([], ""))
    whose = [header.index(name) for name in WHOSE if name in header]
    named = [header.index(name) for name in NAMED if name in header]
    if target:
        target.write(line)
    if not whose and not named:
        for text in chain([line], (text for _, text in records)):
            yield Trace(place, nameless(text, people)[1], "left")
        return
    for row, text in records:
        line = text
        if any(people.has(row[at]) for at in whose if at < len(row)):
            yield Trace(place, 1, "deleted")
            continue
        if others := [at for at in named if at < len(row) and people.has(row[at])]:
            yield Trace(place, len(others), "made nameless")
            if target:
                ending = line[len(line.rstrip("\r\n")) :]
                cells = ["" if at in others else cell for at, cell in enumerate(row)]
                csv.writer(target, lineterminator=ending).writerow(cells)
            continue
        if target:
            target.write(line)


def _records(path: Path) -> Iterator[tuple[list[str], str]]:
    """Yield each row, and the text that it was read from."""
    taken: list[str] = []
    try:
        with _opened(path, "r") as file:

            def lines() -> Iterator[str]:
                for line in file:
                    taken.append(line)
                    yield line

            for row in csv.reader(lines()):
                if any("\0" in cell for cell in row):
                    raise KpiError(f"{path} cannot be searched: it is no text in UTF-8")
                yield [cell.removeprefix("\ufeff") for cell in row], "".join(taken)
                taken.clear()
    except (csv.Error, OSError) as error:
        raise KpiError(f"{path} cannot be searched: {error}") from error


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[IO[str]]:
    with path.open(mode, encoding="utf-8", errors="surrogateescape", newline="") as file:
        yield file
