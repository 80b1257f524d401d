"""One source file: read as text, checked against the contract, written as Parquet."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.churn.sources.contract import Column, Rule, SourceFile, parsed, rules
from flows.errors import BadInput
from flows.platform.compute.csv_header import check_header
from flows.platform.compute.duckdb import (
    fetch_row,
    file_name,
    parquet_rows,
    sql_literal,
    write_parquet,
)
from flows.platform.storage.atomic_files import replacing
from flows.sql_files import read_sql

_NO_TEXT = re.compile("[\0\udc80-\udcff]")
_BLANKS = " \t\u00a0"
_LINE_OF_ERROR = re.compile(r"CSV Error on Line: (\d+)")
_WRONG_FIELDS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


@dataclass(frozen=True)
class OpenSource:
    """A source file with a valid header; `statement` is SQL that reads it."""

    file: SourceFile
    path: Path
    extra_columns: tuple[str, ...]
    statement: str
    rules: tuple[tuple[Column, Rule], ...]


def open_source(file: SourceFile, folder: Path, date_format: str) -> OpenSource:
    """Check that the file exists, is text, and has the contract's columns.

    Raises BadInput, naming the file and what is wrong.
    """
    path = folder / file.file_name
    header = _header(path)
    names = [column.name for column in file.columns]
    extra = check_header(header, path.name, names, only=False)
    return OpenSource(
        file=file,
        path=path,
        extra_columns=tuple(extra),
        statement=read_sql("churn/sources/read_source.sql").format(
            file=file_name(path),
            columns="{" + ", ".join(f"c{place}: 'VARCHAR'" for place in range(len(header))) + "}",
            cells=", ".join(
                f"{_without_blanks(f'c{header.index(column.name)}')} AS {_cell(column)}"
                for column in file.columns
            ),
            values=", ".join(
                f"{parsed(column, date_format).format(cell=_cell(column))} AS {column.becomes}"
                for column in file.columns
            ),
        ),
        rules=tuple(
            (column, rule) for column in file.columns for rule in rules(column, date_format)
        ),
    )


def write_checked(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, parquet: Path
) -> int:
    """Write the file as Parquet, in the order of its rows, and return the number of rows.

    Raises BadInput, naming file, column, rule, the first bad rows and their number.
    """
    statement = read_sql("churn/sources/checked_source.sql").format(
        values=", ".join(column.becomes for column in source.file.columns),
        source=source.statement,
        broken=" OR ".join(f"({_broken(column, rule)})" for column, rule in source.rules),
    )
    with replacing(parquet) as temporary:
        try:
            write_parquet(connection, statement, temporary)
        except duckdb.Error as error:
            raise unreadable(connection, source, error) from None
        (rows,) = fetch_row(
            connection, "churn/sources/count_rows.sql", source=parquet_rows(temporary)
        )
        if not rows:
            raise BadInput(f"{source.path.name} has a header and no rows.")
        if source.file.describes_users:
            _check_one_row_per_user(connection, source, temporary)
    return int(rows)


def unreadable(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, error: "duckdb.Error"
) -> BadInput:
    """Return the error that says what DuckDB found: a line that is not a row, or broken rules."""
    return BadInput(_why(connection, source, error))


def _header(path: Path) -> list[str]:
    try:
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


def _why(connection: "duckdb.DuckDBPyConnection", source: OpenSource, error: "duckdb.Error") -> str:
    text = str(error)
    name = source.path.name
    if line := _LINE_OF_ERROR.search(text):
        where = f"{name}, line {line[1]}"
        if fields := _WRONG_FIELDS.search(text):
            return f"{where}: the number of fields is {fields[2]}; expected {fields[1]}."
        if "not utf-8" in text:
            return f"{where}: this is not UTF-8. Save the file with the encoding UTF-8."
        if "unterminated quote" in text:
            return f"{where}: a quote is opened and never closed."
        return f"{where}: no CSV row stands here."
    try:
        problems = [
            problem
            for column, rule in source.rules
            if (problem := _problem(connection, source, column, rule))
        ]
    except duckdb.Error:  # the file cannot be read at all
        problems = []
    if problems:
        return f"{name}: {'; '.join(problems)}. Rows are counted without the header."
    hint = "Do all lines end alike? " if "invalid state" in text else ""
    return f"{name} cannot be read. {hint}{text.splitlines()[0]}"


def _problem(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, column: Column, rule: Rule
) -> str | None:
    cells, first_rows, first_cells = fetch_row(
        connection,
        "churn/sources/broken_cells.sql",
        cell=_cell(column),
        value=column.becomes,
        source=source.statement,
        broken=_broken(column, rule),
    )
    if not cells:
        return None
    first = ", ".join(
        f"row {row}{f' {cell!r}' if cell else ''}"
        for row, cell in zip(first_rows, first_cells, strict=True)
    )
    are = "cell is" if cells == 1 else "cells are"
    return f"column {column.name}: {cells:,} {are} {rule.sentence} ({first})"


def _check_one_row_per_user(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, parquet: Path
) -> None:
    users, first_rows, first_users = fetch_row(
        connection, "churn/sources/repeated_users.sql", file=file_name(parquet)
    )
    if users:
        first = ", ".join(
            f"row {row}: user {user}" for row, user in zip(first_rows, first_users, strict=True)
        )
        raise BadInput(
            f"{source.path.name}: column {source.file.columns[0].name}: {users:,} users have more "
            f"than one row ({first}). Rows are counted without the header."
        )


def _broken(column: Column, rule: Rule) -> str:
    return rule.broken.format(cell=_cell(column), value=column.becomes)


def _without_blanks(text: str) -> str:
    # Trimming costs three times as much as reading, and hardly any cell needs it.
    ends = [f"suffix({text}, {sql_literal(blank)})" for blank in _BLANKS]
    blank = " OR ".join([f"{text} < '!'", f"prefix({text}, '\u00a0')", *ends])
    trimmed = f"nullif(trim({text}, {sql_literal(_BLANKS)}), '')"
    return f"CASE WHEN {blank} THEN {trimmed} ELSE {text} END"


def _cell(column: Column) -> str:
    return f"cell_{column.becomes}"
