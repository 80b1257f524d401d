"""Try the rules of the churn contract, and their examples, by the checks of a run."""

from collections.abc import Iterator

import duckdb

from flows.churn.sources.contract import SourceFile, source_file
from flows.churn.sources.rules.one_text import broken_rules
from flows.contracts.contract import Contract, Table
from flows.contracts.errors import BadContract
from flows.contracts.examples import Example, examples_of
from flows.errors import first_line
from flows.platform.compute.duckdb import duckdb_for_values, fetch_row, sql_literal

_DATE_FORMAT = "%Y-%m-%d"  # only texts have examples


def check_patterns(contract: Contract) -> None:
    """Raise BadContract for the first pattern that DuckDB does not take."""
    for table in contract.tables:
        for problem in _wrong_patterns(contract, source_file(contract, table)):
            raise problem


def wrong_rules(contract: Contract, table: Table) -> list[BadContract]:
    """Return what is wrong with a table's patterns; or else, with the examples of its rules.

    Raises BadContract for a table that no file can be checked by.
    """
    file = source_file(contract, table)
    if wrong := list(_wrong_patterns(contract, file)):
        return wrong
    examples = examples_of(contract.path, table)
    if not examples:
        return []
    return [each.wrong(contract.path) for each in _misjudged(table, file, examples)]


def _wrong_patterns(contract: Contract, file: SourceFile) -> Iterator[BadContract]:
    patterns = [rule for column in file.columns for rule in column.allowed if rule.pattern]
    if not patterns:
        return
    with duckdb_for_values() as connection:
        for rule in patterns:
            pattern = sql_literal(rule.pattern)
            try:
                fetch_row(connection, "churn/sources/try_pattern.sql", pattern=pattern)
            except duckdb.Error as error:
                said = first_line(error)
                problem = f"DuckDB does not take the pattern of the rule {rule.rule}: {said}."
                yield BadContract(contract.path, rule.line, problem)


def _misjudged(table: Table, file: SourceFile, examples: list[Example]) -> Iterator[Example]:
    with duckdb_for_values() as connection:
        for example in examples:
            name = example.rule.column
            if name is None:
                continue
            column = file.column(table.column(name).delivered_name)
            text = example.cells.get(name) or ""
            broken = broken_rules(connection, column, text, _DATE_FORMAT)
            if example.passes == (example.rule.id in {rule.declared for rule in broken}):
                yield example
