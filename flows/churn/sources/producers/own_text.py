"""The text of a producer's file: in UTF-8, its header, and the lines on which its rows start."""

import codecs
import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from flows.contracts.producers.producer import FileFormat
from flows.errors import BadInput, count_of
from flows.platform.compute.csv_kind import check_kind
from flows.platform.compute.spill import spill_folder
from flows.settings import Settings

_PIECE = 2**20
_UTF8 = ("utf-8", "utf-8-sig", "ascii")
_TWO_BYTES = ("utf-16", "utf-32")


@contextmanager
def table_in_utf8(settings: Settings, path: Path, form: FileFormat) -> Iterator[Path]:
    """Yield the file itself, or a copy in UTF-8 that starts at the header and is gone afterwards.

    DuckDB reads few encodings by itself; of lines to skip it takes a quote for the start of a cell,
    with which rows would be skipped as well. Raises BadInput when the file cannot be read, is no
    text, is written in another encoding, or has fewer lines than are to be skipped.
    """
    name = codecs.lookup(form.encoding).name
    try:
        with path.open("rb") as file:
            if not name.startswith(_TWO_BYTES):
                check_kind(file, path)
            if name not in _UTF8 and file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
                raise BadInput(
                    f"{path.name} is UTF-8, by its first bytes, and not {form.encoding}."
                )
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    if name in _UTF8 and not form.skip_lines:
        yield path
        return
    with spill_folder(settings.home / "duckdb") as folder:
        text = path
        if name not in _UTF8:
            text = folder / "in UTF-8"
            with path.open("rb") as file, text.open("wb") as utf8:
                _recode(file, utf8, form.encoding, path.name)
        table = folder / "table"
        with text.open("rb") as file, table.open("wb") as rest:
            _skip(file, form.skip_lines, path.name)
            shutil.copyfileobj(file, rest, _PIECE)
        yield table


def _recode(file: IO[bytes], utf8: IO[bytes], encoding: str, name: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    try:
        for piece in iter(partial(file.read, _PIECE), b""):
            text = decoder.decode(piece)
            lines += text.count("\n")
            utf8.write(text.encode())
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        readable = error.object[: error.start].decode(error.encoding, "replace")
        line = lines + readable.count("\n")
        raise BadInput(f"{name}, line {line}: this is not written in {encoding}.") from None
    except UnicodeEncodeError:
        raise BadInput(f"{name}: this is not written in {encoding}.") from None


def _skip(file: IO[bytes], count: int, name: str) -> None:
    for number in range(count):
        if not file.readline():
            raise BadInput(f"{name} has {count_of(number, 'line')}, but {count} are to be skipped.")


def header_of(table: Path, form: FileFormat, name: str) -> list[str]:
    """Return the names of the columns; `name` is what people call the file.

    Raises BadInput when there are none.
    """
    line = form.skip_lines + 1
    with _opened(table) as file:
        try:
            header: list[str] = next(_rows(file, form), [])
        except csv.Error:
            raise BadInput(f"{name}, line {line}: no CSV row stands here.") from None
    if not header:
        raise BadInput(f"{name}, line {line}: expected the names of the columns.")
    return header


def lines_of(table: Path, form: FileFormat, rows: list[int]) -> list[int]:
    """Return the lines on which these rows start, counted from 1 without the header.

    A cell may hold several lines, and blank lines are no rows.
    """
    wanted, found = set(rows), {}
    with _opened(table) as file:
        reader = _rows(file, form)
        row, line = -1, form.skip_lines + 1
        try:
            for cells in reader:
                if cells:
                    row += 1
                    if row in wanted:
                        found[row] = line
                        if len(found) == len(wanted):
                            break
                line = form.skip_lines + reader.line_num + 1
        except csv.Error:  # such a long cell that only DuckDB reads it
            pass
    return [found.get(row, row + form.skip_lines + 1) for row in rows]


def _opened(table: Path) -> IO[str]:
    # Bytes that are not UTF-8 become surrogates; DuckDB finds those below the header.
    return table.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _rows(file: IO[str], form: FileFormat) -> Any:
    return csv.reader(
        file,
        delimiter=form.delimiter,
        quotechar=form.quote,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
    )
