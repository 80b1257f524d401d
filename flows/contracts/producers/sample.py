"""Look at an unknown file of rows: encoding, delimiter, lines before the header, the first rows."""

import csv
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from flows.errors import BadInput

_DELIMITERS = (",", ";", "\t", "|")
_ROWS = 10_000
_ROWS_FOR_DELIMITER = 200
_PIECE = 2**20


@dataclass(frozen=True)
class Sample:
    """What a file looks like; `rows` are the first ones after the header, each as long as it."""

    name: str
    encoding: str
    delimiter: str
    skip_lines: int
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def cells(self, header: str) -> list[str]:
        """Return the cells of a column that are not blank."""
        position = self.header.index(header)
        return [row[position] for row in self.rows if row[position].strip()]


def sample_of(path: Path) -> Sample:
    """Read the beginning of a file. Raises BadInput when it cannot be read, or has no rows."""
    encoding = _encoding(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            lines = list(islice(file, _ROWS))
    except UnicodeError:
        raise BadInput(
            f"{path.name} is no text in UTF-8, UTF-16 or windows-1252. Ask who wrote it for CSV "
            "text in UTF-8."
        ) from None
    delimiter, fields = _delimiter(lines)
    # A header is as wide as the rows, and says something in each column.
    for skipped in range(len(lines)):
        rows = _rows(lines[skipped:], delimiter)
        if rows and len(rows[0]) == fields and all(cell.strip() for cell in rows[0]):
            break
    else:
        raise BadInput(f"{path.name} has no line of column names.")
    found = tuple(tuple(row) for row in rows[1:] if len(row) == fields)
    if not found:
        raise BadInput(f"{path.name} has no row below the names of its columns to look at.")
    return Sample(
        path.name, encoding.removesuffix("-sig"), delimiter, skipped, tuple(rows[0]), found
    )


def _encoding(path: Path) -> str:
    try:
        with path.open("rb") as file:
            if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
                return "utf-16"
        with path.open(encoding="utf-8-sig") as text:
            while text.read(_PIECE):
                pass
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8-sig"


def _delimiter(lines: list[str]) -> tuple[str, int]:
    """Return what most lines agree on, and how many fields they have by it."""

    def agreement(delimiter: str) -> tuple[int, int]:
        counts = Counter(len(row) for row in _rows(lines[:_ROWS_FOR_DELIMITER], delimiter))
        fields, rows = max(counts.items(), key=lambda found: (found[1], found[0]), default=(1, 0))
        return (rows if fields > 1 else 0), fields

    best = max(_DELIMITERS, key=agreement)
    return best, agreement(best)[1]


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return []
