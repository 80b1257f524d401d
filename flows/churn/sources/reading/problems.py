"""Why a source file is refused, in one sentence: the line that is no row, or each broken rule."""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

import duckdb

from flows.churn.sources.contract import Column
from flows.churn.sources.reading.cells import Rule
from flows.churn.sources.reading.csv_file import OpenSource, broken, cell_name
from flows.errors import BadInput, a_few, first_line
from flows.platform.compute.duckdb import fetch_row
from flows.values import value

Result = TypeVar("Result")

_LONGEST_CELL = 40
_LINE_OF_ERROR = re.compile(r"CSV Error on Line: (\d+)")
_WRONG_FIELDS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
# What DuckDB says of a quoted cell with lines in it, as long as several threads read the file.
_LINES_IN_A_CELL = "null_padding in conjunction with quoted new lines"


def read_with(
    connection: "duckdb.DuckDBPyConnection",
    source: OpenSource,
    read: Callable[[OpenSource], Result],
) -> Result:
    """Return what `read` returns for the source, whether or not its cells hold lines.

    Raises BadInput, naming the file and what is wrong, when it cannot be read or breaks a rule.
    """
    try:
        return read(source)
    except duckdb.OutOfMemoryException:  # the file may be as it should
        raise
    except duckdb.Error as error:
        if _LINES_IN_A_CELL not in str(error):
            raise BadInput(_why(connection, source, error)) from None
    source = source.on_one_thread()
    try:
        return read(source)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise BadInput(_why(connection, source, error)) from None


def _first_rows(source: OpenSource, rows: list[int], cells: list[str]) -> str:
    return a_few(
        [
            f"{place}{value(f' {cell[:_LONGEST_CELL]!r}') if cell else ''}"
            for place, cell in zip(source.places(rows), cells, strict=True)
        ]
    )


def _why(connection: "duckdb.DuckDBPyConnection", source: OpenSource, error: "duckdb.Error") -> str:
    text = str(error)
    name = source.path.name
    if line := _LINE_OF_ERROR.search(text):
        number = int(line[1]) + (source.written_by.file.skip_lines if source.written_by else 0)
        return f"{name}, line {number}: {_no_row(source, text)}"
    try:
        problems = list(_shifted_rows(connection, source)) or [
            _problem(connection, source, column, rule)
            for column, rule in _broken_rules(connection, source)
        ]
    except duckdb.Error:  # the file cannot be read at all
        problems = []
    if problems:
        return f"{name}: {'; '.join(problems)}.{source.how_rows_count}"
    hint = " Do all lines end alike?" if "invalid state" in text else ""
    # DuckDB may quote a cell.
    return f"{name} cannot be read.{hint}{value(f' {first_line(error)}')}"


def _no_row(source: OpenSource, text: str) -> str:
    if fields := _WRONG_FIELDS.search(text):
        # DuckDB is told of one field more than the header has.
        return f"the number of fields is {fields[2]}; expected {int(fields[1]) - 1}."
    if "not utf-8" in text:
        if source.written_by:
            return "this is not UTF-8. Say in the producer's file which encoding the file has."
        return "this is not UTF-8. Save the file with the encoding UTF-8."
    if "unterminated quote" in text:
        return "a quote is opened and never closed."
    return "no CSV row stands here."


def _shifted_rows(connection: "duckdb.DuckDBPyConnection", source: OpenSource) -> Iterator[str]:
    for fewer_or_more in ("fewer", "more"):
        count, rows = fetch_row(
            connection,
            "churn/sources/broken_rows.sql",
            source=source.numbered,
            broken=f"has_{fewer_or_more}_fields",
        )
        if count:
            listed = ", ".join(source.places(rows))
            has = "row has" if count == 1 else "rows have"
            yield f"{count:,} {has} {fewer_or_more} fields than the header ({listed})"


def _broken_rules(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource
) -> list[tuple[Column, Rule]]:
    """Read the file once for all rules: few of many are broken, and each other would read it."""
    counts = fetch_row(
        connection,
        "churn/sources/broken_rules.sql",
        counts=", ".join(f"count_if({broken(*rule)})" for rule in source.rules),
        source=source.numbered,
    )
    return [rule for rule, count in zip(source.rules, counts, strict=True) if count]


def _problem(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, column: Column, rule: Rule
) -> str:
    count, rows, texts = fetch_row(
        connection,
        "churn/sources/broken_cells.sql",
        cell=cell_name(column),
        value=column.becomes,
        source=source.numbered,
        broken=broken(column, rule),
    )
    are = "cell is" if count == 1 else "cells are"
    where = _first_rows(source, rows, texts)
    return f"column {column.name}: {count:,} {are} {rule.sentence} ({where})"
