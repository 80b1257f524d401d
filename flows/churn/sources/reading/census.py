"""What the cells of a source file say, counted before they are judged."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from flows.churn.sources.contract import Column
from flows.churn.sources.reading import cells
from flows.churn.sources.reading.csv_file import OpenSource, cell_name
from flows.platform.compute.duckdb import fetch_row, sql_literal
from flows.values import value

# Words that say that nothing is known, which the contract does not declare as such.
_SUSPICIOUS = (
    *("unknown", "undefined", "missing", "empty", "blank", "not available", "n.a.", "(null)"),
    *("[null]", "?", "??", "--", ".", "#value!", "#ref!", "#name?", "nd", "n/d", "sd", "s/d"),
    *("sin dato", "sin datos", "desconocido", "no disponible"),
)


@dataclass(frozen=True)
class Census:
    """Counts by column: cells that say nothing, and those whose value the contract does not know.

    `with_decimals`: columns that write all their whole numbers as `12.0`. `sentences` tell what is
    read in another way than it stands there; values in them are marked.
    """

    nothing: dict[str, int]
    unknown: dict[str, int]
    with_decimals: frozenset[str]
    sentences: list[str]


@dataclass(frozen=True)
class _Count:
    """One number of the census: of what, in which column, as SQL; with an example where asked."""

    what: str
    column: str
    sql: str
    example: str = "NULL"


def take_census(connection: "duckdb.DuckDBPyConnection", source: OpenSource) -> Census:
    """Count what the file's cells say.

    Raises duckdb.Error when the file cannot be read.
    """
    asked = [count for column in source.file.columns for count in _counts(source, column)]
    row = fetch_row(
        connection,
        "churn/sources/census.sql",
        counts=", ".join(f"{count.sql}, {count.example}" for count in asked),
        source=source.statement,
    )
    found = {
        (count.what, count.column): (number, example)
        for count, number, example in zip(asked, row[::2], row[1::2], strict=True)
    }

    def counted(what: str) -> dict[str, int]:
        return {column: number for (said, column), (number, _) in found.items() if said == what}

    read = counted("read")
    nothing = {column: number - read[column] for column, number in counted("written").items()}
    with_decimals = {
        column
        for column, number in counted("with decimals").items()
        if number and number == read[column]
    }
    return Census(
        _without_zeros(nothing),
        _without_zeros(counted("unknown")),
        frozenset(with_decimals),
        list(_sentences(source, found, with_decimals)),
    )


def _counts(source: OpenSource, column: Column) -> Iterator[_Count]:
    field, cell = source.fields[column.name], cell_name(column)
    yield _Count("written", column.name, _number_of(cells.says_something(field)))
    yield _Count("read", column.name, f"count({cell})")
    if column.type == "whole number":
        point = sql_literal(column.decimal_sign)
        pattern = sql_literal(cells.whole_with_decimals(column))
        decimals = f"contains({cell}, {point}) AND regexp_full_match({cell}, {pattern})"
        yield _Count("with decimals", column.name, _number_of(decimals))
    elif column.allowed:
        unknown = cells.unknown(column).format(cell=cell)
        yield _Count("unknown", column.name, _number_of(unknown), _example(cell, unknown))
    elif column.type == "text":
        suspicious = cells.is_one_of(f"lower({cell})", _SUSPICIOUS)
        yield _Count("undeclared", column.name, _number_of(suspicious), _example(cell, suspicious))


def _without_zeros(counts: dict[str, int]) -> dict[str, int]:
    return {column: number for column, number in counts.items() if number}


def _number_of(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _example(cell: str, condition: str) -> str:
    return f"min({cell}) FILTER (WHERE {condition})"


def _sentences(
    source: OpenSource,
    found: dict[tuple[str, str], tuple[int, str | None]],
    with_decimals: set[str],
) -> Iterator[str]:
    for column in sorted(with_decimals):
        point = source.file.column(column).decimal_sign
        yield f"column {column} writes whole numbers as 12{point}0: read as 12."
    for (what, column), (number, example) in found.items():
        if what == "unknown" and number:
            broken = " or ".join(rule.broken for rule in source.file.column(column).allowed)
            yield (
                f"column {column}: {number:,} {'counts' if number == 1 else 'count'} as missing, "
                f"being {broken}{value(f' ({example!r}, for one)')}."
            )
        elif what == "undeclared" and number:
            yield (
                f"column {column}: {number:,} {'says' if number == 1 else 'say'} {example!r} or "
                "the like, which the contract does not declare as a word for nothing: read as text."
            )
