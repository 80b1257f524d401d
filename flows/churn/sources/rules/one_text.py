"""One text, judged as a cell of a column."""

from collections.abc import Iterator

import duckdb

from flows.churn.sources.contract import Column
from flows.churn.sources.reading import cells
from flows.platform.compute.duckdb import fetch_row, sql_literal


def broken_rules(
    connection: "duckdb.DuckDBPyConnection", column: Column, text: str, date_format: str
) -> Iterator[cells.Rule]:
    """Yield the rules that the text breaks, by the SQL of a run; unknown values are refused."""
    for rule in cells.rules(column, date_format, "refuse"):
        (broken,) = fetch_row(
            connection,
            "churn/sources/broken_text.sql",
            cell=cells.cell(column, sql_literal(text)),
            value=cells.value(column, date_format).format(cell="cell"),
            broken=rule.broken.format(cell="cell", value="value"),
        )
        if broken:
            yield rule
