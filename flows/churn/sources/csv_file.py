"""One source file: opened, and read as text in the columns of its contract."""

import csv
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from flows.churn.sources import cells
from flows.churn.sources.cells import Rule, UnknownValues
from flows.churn.sources.contract import Column, SourceFile
from flows.errors import BadInput
from flows.platform.compute.csv_header import check_header
from flows.platform.compute.csv_kind import check_kind
from flows.platform.compute.duckdb import file_name
from flows.sql_files import read_sql

_NO_TEXT = re.compile("[\0\udc80-\udcff]")


@dataclass(frozen=True)
class OpenSource:
    """A source file with a valid header; `statement` is SQL that reads it.

    `fields` has the file's own name of each column's field in that statement.
    """

    file: SourceFile
    path: Path
    extra_columns: tuple[str, ...]
    fields: dict[str, str]
    statement: str
    date_format: str
    unknown_values: UnknownValues | None
    with_decimals: frozenset[str] = frozenset()

    @property
    def rules(self) -> list[tuple[Column, Rule]]:
        """What the cells of each column are checked against."""
        return [
            (column, rule)
            for column in self.file.columns
            for rule in cells.rules(
                column,
                self.date_format,
                self.unknown_values,
                with_decimals=column.name in self.with_decimals,
            )
        ]

    def on_one_thread(self) -> Self:
        """Return the same file, to be read from its beginning to its end."""
        statement = self.statement.replace("parallel = true", "parallel = false")
        return replace(self, statement=statement)


def open_source(
    file: SourceFile, folder: Path, date_format: str, unknown_values: UnknownValues | None = None
) -> OpenSource:
    """Check that the file exists, is text, and has the contract's columns.

    Raises BadInput, naming the file and what is wrong.
    """
    path = folder / file.file_name
    header = _header(path)
    names = [column.name for column in file.columns]
    extra = check_header(header, path.name, names, only=False)
    fields = {name: f"c{header.index(name)}" for name in names}
    statement = read_sql("churn/sources/read_source.sql").format(
        file=file_name(path),
        # One more than the header has.
        columns="{" + ", ".join(f"c{place}: 'VARCHAR'" for place in range(len(header) + 1)) + "}",
        last_field=f"c{len(header) - 1}",
        field_beyond=f"c{len(header)}",
        cells=", ".join(
            f"{cells.cell(column, fields[column.name])} AS {cell_name(column)}"
            for column in file.columns
        ),
        values=", ".join(
            f"{cells.value(column, date_format).format(cell=cell_name(column))} AS {column.becomes}"
            for column in file.columns
        ),
    )
    return OpenSource(file, path, tuple(extra), fields, statement, date_format, unknown_values)


def cell_name(column: Column) -> str:
    """Return the name of a column's text in the statement that reads the file."""
    return f"cell_{column.becomes}"


def broken(column: Column, rule: Rule) -> str:
    """Return SQL that is true for a row whose cell breaks the rule."""
    return rule.broken.format(cell=cell_name(column), value=column.becomes)


def _header(path: Path) -> list[str]:
    try:
        with path.open("rb") as opened:
            check_kind(opened, path)
        # Bytes that are not UTF-8 become surrogates; DuckDB finds those below the header.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
            header = next(csv.reader(opened), [])
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
    except csv.Error:
        header = None
    if header is None or _NO_TEXT.search("".join(header)):
        raise BadInput(f"{path.name}, line 1: this is no CSV file with the encoding UTF-8.")
    if not header:
        raise BadInput(f"{path.name} is empty: expected a header and rows.")
    return header
