"""The contract's rules about a churn file as a whole: its rows, and cells that are missing."""

from decimal import Decimal
from pathlib import Path

import duckdb

from flows.churn.sources.reading import cells
from flows.churn.sources.reading.csv_file import OpenSource
from flows.contracts import delivery_rules as declared
from flows.contracts.contract import Rule
from flows.errors import BadInput, count_of
from flows.platform.compute.duckdb import fetch_row, parquet_rows


def check_whole_file(
    connection: "duckdb.DuckDBPyConnection", source: OpenSource, parquet: Path, rows: int
) -> list[str]:
    """Return a sentence for each warning; `parquet` has the rows of the file, checked.

    Raises BadInput for the first rule of severity error that the file breaks.
    """
    told = []
    for rule in source.file.whole:
        broken = (
            _wrong_rows(rule, rows)
            if rule.column is None
            else _too_many_missing(connection, source, rule, parquet, rows)
        )
        if broken and rule.severity == "error":
            raise BadInput(f"{source.path.name}: {broken} ({rule.id}).")
        if broken:
            told.append(f"{broken} ({rule.id}): it passes, being a warning.")
    return told


def _wrong_rows(rule: Rule, rows: int) -> str | None:
    least, most = declared.least_and_most(rule.arguments)
    if (least is None or rows >= least) and (most is None or rows <= most):
        return None
    return f"it has {count_of(rows, 'row')}, and not {declared.rows_in_words(rule.arguments)}"


def _too_many_missing(
    connection: "duckdb.DuckDBPyConnection",
    source: OpenSource,
    rule: Rule,
    parquet: Path,
    rows: int,
) -> str | None:
    (column,) = (each for each in source.file.columns if each.becomes == rule.column)
    missing = f"{column.becomes} IS NULL"
    if words := [word for word in rule.arguments.get("missingValues", ()) if word]:
        missing += f" OR {cells.is_one_of(f'CAST({column.becomes} AS VARCHAR)', words)}"
    (found,) = fetch_row(
        connection,
        "churn/sources/missing_cells.sql",
        missing=missing,
        source=parquet_rows(parquet),
    )
    limit, strict = declared.share_limit(rule.arguments)
    share, most = Decimal(found * 100), Decimal(str(limit)) * rows
    if share < most or (share == most and not strict):
        return None
    allowed = declared.share_in_words(rule.arguments)
    return f"column {column.name} is missing in {found:,} of {rows:,} rows, and may be in {allowed}"
