"""Read a delivery: a CSV file is checked as it is read, row by row, and never repaired."""

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BufferedReader, TextIOWrapper
from pathlib import Path

from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.landing.delivery_lines import DeliveryLines
from flows.errors import BadInput
from flows.platform.compute.csv_header import check_header
from flows.platform.compute.csv_kind import check_kind

# Longer lines reach the csv reader in pieces, and it rejects the first. Six fields of the reader's
# limit of 131,072 characters fit into one piece, even if every character is a doubled quote.
PIECE = 2**21

# Measured with short and with long rows: table, indexes and PostgreSQL's log take 7 to 9 times the
# file's size, and the log takes some at once.
_ROOM_FOR_A_BYTE = 10
_ROOM_AT_LEAST = 128 * 2**20

# What the error handler `surrogateescape` turns invalid UTF-8 bytes into.
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class Delivery:
    """An open file: its columns in header order, and its rows, which can be read only once."""

    name: str
    columns: tuple[str, ...]
    plain: Iterator[list[str]]
    """Rows up to the first that is not plain, as lines of six fields with tabs between them: text
    that COPY takes as it is. `rows` has those from there on, or all when nobody reads this."""
    rows: Iterator[tuple[int, list[str]]]
    """Line on which each row starts, and its fields; raises BadInput at an invalid row."""
    bytes_read: Callable[[], int]
    rows_left_out: Callable[[], int] = lambda: 0
    """Rows until now that are none of the contract's, as the producer's file says."""
    producer: str | None = None


def bytes_to_store(path: Path) -> int:
    """Return about how much room on its disk a new server needs to store the file."""
    return _ROOM_AT_LEAST + _ROOM_FOR_A_BYTE * (path.stat().st_size if path.is_file() else 0)


@contextmanager
def open_delivery(path: Path) -> Iterator[Delivery]:
    """Check the file as a whole (kind, encoding, header) and yield it for one pass over its rows.

    Raises BadInput when the file cannot be read, is empty, is no CSV or not UTF-8, or has wrong
    columns.
    """
    with open_text(path) as file:
        check_encoding(file, path)
        lines = DeliveryLines(file, PIECE)
        rows = csv_rows(lines, path.name)
        columns = tuple(next(rows)[1])
        _check_header(columns, path.name)
        checked = checked_rows(rows, path.name, len(RAW_COLUMNS))
        plain = lines.plain(len(RAW_COLUMNS))
        yield Delivery(path.name, columns, plain, checked, file.buffer.tell)


def _check_header(columns: tuple[str, ...], name: str) -> None:
    try:
        check_header(columns, name, RAW_COLUMNS)
    except BadInput as error:
        raise BadInput(
            f"{error.marked} Where that is how its producer writes it: kpi contract infer {name}."
        ) from None


def open_text(
    path: Path, encoding: str = "utf-8-sig", errors: str = "strict"
) -> "TextIOWrapper[BufferedReader]":
    """Open a regular file of text. Raises BadInput when it cannot be read or is no text."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    if not file.seekable():
        file.close()
        raise BadInput(f"{path} is no regular file: save the delivery to one first.")
    if encoding == "utf-8-sig":
        check_kind(file, path)
    return TextIOWrapper(file, encoding=encoding, errors=errors, newline="")


def check_encoding(file: TextIOWrapper, path: Path) -> None:
    """Read the file as a whole, and go back. Raises BadInput for a wrong byte or an empty file."""
    try:
        characters = sum(map(len, iter(partial(file.read, PIECE), "")))
    except UnicodeDecodeError:
        if file.encoding != "utf-8-sig":
            raise BadInput(f"{path.name} is not written in {file.encoding}.") from None
        raise BadInput(_first_wrong_byte(path)) from None
    if not characters:
        raise BadInput(f"{path.name} is empty: expected a header and rows.")
    file.seek(0)


def check_mark(file: "TextIOWrapper[BufferedReader]", path: Path, encoding: str) -> None:
    """Raise BadInput for a file that begins with the mark of UTF-8, and is said to be another."""
    begins = file.buffer.peek(len(BOM_UTF8))
    if begins.startswith(BOM_UTF8) and encoding not in ("utf-8-sig", "utf-8"):
        raise BadInput(f"{path.name} is UTF-8, by its first bytes, and not {encoding}.")


def _first_wrong_byte(path: Path) -> str:
    line = 1
    with open_text(path, errors="surrogateescape") as file:
        for piece in iter(partial(file.readline, PIECE), ""):
            if wrong := _ESCAPED_BYTE.search(piece):
                byte = ord(wrong[0]) - 0xDC00
                return (
                    f"{path.name}, line {line}: the byte 0x{byte:02X} is not UTF-8. "
                    "Save the file with the encoding UTF-8, or, where that is how its producer "
                    f"writes it: kpi contract infer {path.name}."
                )
            line += piece.endswith(("\r", "\n"))
    return f"{path.name} changed while it was read. Ingest it when it is complete."


def csv_rows(
    lines: DeliveryLines, name: str, delimiter: str = ",", quote: str | None = '"'
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it starts. Raises BadInput where none starts."""
    reader = csv.reader(
        iter(lines.readline, ""),
        strict=True,
        delimiter=delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    while True:
        line = lines.taken + reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadInput(f"{name}, line {line}: no CSV row starts here ({error}).") from None
        yield line, row


def checked_rows(
    rows: Iterator[tuple[int, list[str]]], name: str, fields: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that have so many fields of text. Raises BadInput at the first other one."""
    for line, row in rows:
        if not row:
            raise BadInput(f"{name}, line {line}: the line is blank; expected a row.")
        if len(row) != fields:
            raise BadInput(
                f"{name}, line {line}: the number of fields is {len(row)}; expected {fields}."
            )
        if "\0" in "".join(row):
            column = next(number for number, field in enumerate(row, 1) if "\0" in field)
            raise BadInput(
                f"{name}, line {line}: field {column} of the row contains a NUL character, "
                "which is no text."
            )
        yield line, row
