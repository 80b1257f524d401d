"""One source file: opened, and read as text in the columns of its contract."""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from flows.churn.sources.contract import Column, SourceFile
from flows.churn.sources.reading import cells
from flows.churn.sources.reading.cells import Rule, UnknownValues
from flows.contracts.producers.producer import Producer
from flows.errors import BadInput
from flows.platform.compute.csv_header import check_header
from flows.platform.compute.csv_kind import check_kind
from flows.platform.compute.duckdb import file_name
from flows.sql_files import read_sql

_NO_TEXT = re.compile("[\0\udc80-\udcff]")


@dataclass(frozen=True)
class OpenSource:
    """A source file with a valid header; `statement` is SQL that reads it.

    `fields` has, by the name of each column in the file, its field in that statement. `numbered` is
    SQL for the same rows with their number in the file as `row`. A file that is `written_by` a
    producer has `lines`, which says on which lines of the file rows start; it may have `row_rules`
    and, as SQL, rows that are `left_out`.
    """

    file: SourceFile
    path: Path
    extra_columns: tuple[str, ...]
    fields: Mapping[str, str]
    statement: str
    numbered: str
    date_format: str
    unknown_values: UnknownValues | None
    with_decimals: frozenset[str] = frozenset()
    written_by: Producer | None = None
    lines: Callable[[list[int]], list[int]] | None = None
    row_rules: tuple[tuple[Column, Rule], ...] = ()
    left_out: str | None = None

    @property
    def rules(self) -> list[tuple[Column, Rule]]:
        """What rows and the cells of each column are checked against."""
        of_cells = [
            (column, rule)
            for column in self.file.columns
            for rule in cells.rules(
                column,
                self.date_format,
                self.unknown_values,
                with_decimals=column.name in self.with_decimals,
            )
        ]
        return [*self.row_rules, *of_cells]

    @property
    def own_columns(self) -> dict[str, str]:
        """What the file calls the columns of the contract; none for the contract's own names."""
        if self.written_by is None:
            return {}
        return {
            column.becomes: column.name
            for column in self.file.columns
            if column.becomes in self.written_by.columns
        }

    @property
    def how_rows_count(self) -> str:
        """What to know about the rows in a sentence, with a blank before it."""
        return "" if self.lines else " Rows are counted without the header."

    def places(self, rows: list[int]) -> list[str]:
        """Return how a sentence names rows of the file."""
        if self.lines is None:
            return [f"row {row}" for row in rows]
        return [f"line {line}" for line in self.lines(rows)]

    def on_one_thread(self) -> Self:
        """Return the same file, to be read from its beginning to its end."""

        def on_one(statement: str) -> str:
            return statement.replace("parallel = true", "parallel = false")

        return replace(
            self,
            statement=on_one(self.statement),
            numbered=on_one(self.numbered),
            left_out=self.left_out and on_one(self.left_out),
        )


def open_source(
    file: SourceFile,
    path: Path,
    date_format: str,
    unknown_values: UnknownValues | None = None,
    advice: str = "",
) -> OpenSource:
    """Check that the file exists, is text, and has the contract's columns.

    Raises BadInput, naming the file and what is wrong; of a wrong header, with the advice.
    """
    header = _header(path)
    names = [column.name for column in file.columns]
    try:
        extra = check_header(header, path.name, names, only=False)
    except BadInput as error:
        raise BadInput(f"{error.marked}{advice}") from None
    fields = {name: f"c{header.index(name)}" for name in names}
    statement = read_sql("churn/sources/read_source.sql").format(
        file=file_name(path),
        columns=text_columns(len(header)),
        last_field=f"c{len(header) - 1}",
        field_beyond=f"c{len(header)}",
        cells=cells_sql(file, fields),
        values=values_sql(file, date_format),
    )
    numbered = read_sql("churn/sources/numbered_rows.sql").format(source=statement)
    return OpenSource(
        file, path, tuple(extra), fields, statement, numbered, date_format, unknown_values
    )


def text_columns(number: int) -> str:
    """Return DuckDB's columns for so many fields of text, and one more than the header has."""
    return "{" + ", ".join(f"c{place}: 'VARCHAR'" for place in range(number + 1)) + "}"


def cells_sql(file: SourceFile, fields: Mapping[str, str]) -> str:
    """Return SQL for the cell of each column, as trimmed text."""
    return ", ".join(
        f"{cells.cell(column, fields[column.name])} AS {cell_name(column)}"
        for column in file.columns
    )


def values_sql(file: SourceFile, date_format: str) -> str:
    """Return SQL for the value of each column, as its cell says."""
    return ", ".join(
        f"{cells.value(column, date_format).format(cell=cell_name(column))} AS {column.becomes}"
        for column in file.columns
    )


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
