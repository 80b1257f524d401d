"""The good and the bad value of each rule: what a rule means, said so that it can be tried.

An example is a cell as a delivery writes it, or for a rule about rows, cells by column. Rules about
a delivery as a whole, and about the key, are not about a cell, and have none.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.contracts import delivery_rules
from flows.contracts.contract import Contract, Rule, Table
from flows.contracts.errors import BadContract, place
from flows.errors import a_few

_WITHOUT = (*delivery_rules.KINDS, "unique")


@dataclass(frozen=True)
class Example:
    """One value that a rule has: its cells by column, and whether they are to pass the rule."""

    rule: Rule
    cells: Mapping[str, str | None]
    passes: bool
    line: int

    def wrong(self, path: Path) -> BadContract:
        """Return the sentence that it is not judged as it should be."""
        name, does, should = (
            ("goodValue", "breaks", "pass") if self.passes else ("badValue", "passes", "break")
        )
        problem = f"{name} of the rule {self.rule.id} {does} the rule, and should {should} it."
        return BadContract(path, self.line, problem)


def examples_of(path: Path, table: Table) -> list[Example]:
    """Return the examples of a table's rules, in the order of the file.

    Raises BadContract for one that is no cell, or has cells of a column that is not delivered.
    """
    return [
        Example(
            rule,
            _cells(path, table, rule, name, value, line or rule.line),
            passes=name == "goodValue",
            line=line or rule.line,
        )
        for rule in _with_examples(table.every_rule())
        for name, value, line in (
            ("goodValue", rule.good, rule.good_line),
            ("badValue", rule.bad, rule.bad_line),
        )
        if value is not None
    ]


def good_row(path: Path, table: Table) -> dict[str, str | None]:
    """Return a row of good values: of each column the first that a rule of it has, or None."""
    row: dict[str, str | None] = {column.name: None for column in table.delivered}
    for example in examples_of(path, table):
        column = example.rule.column
        if example.passes and column in row and row[column] is None:
            row[column] = example.cells.get(column)
    return row


def without_examples(contract: Contract) -> Iterator[str]:
    """Yield a sentence, with file and line, for each rule that lacks an example."""
    for table in contract.tables:
        for rule in _with_examples(table.every_rule()):
            given = {"goodValue": rule.good, "badValue": rule.bad}
            missing = [name for name, value in given.items() if value is None]
            if missing:
                yield (
                    f"{place(contract.path, rule.line)}: the rule {rule.id} has no "
                    f"{' and no '.join(missing)}, so nobody tries whether it does what it says."
                )


def _with_examples(rules: Iterable[Rule]) -> Iterator[Rule]:
    return (rule for rule in rules if rule.kind not in _WITHOUT)


def _cells(
    path: Path, table: Table, rule: Rule, name: str, value: Any, line: int
) -> dict[str, str | None]:
    if isinstance(value, Mapping):
        cells = dict(value)
    elif rule.column is None:
        raise BadContract(
            path, line, f"{name} of the rule {rule.id} has to be cells by column: {{column: cell}}."
        )
    else:
        cells = {rule.column: value}
    known = [column.name for column in table.delivered]
    for column, cell in cells.items():
        if column not in known:
            raise BadContract(
                path,
                line,
                f"{name} of the rule {rule.id} has a cell of {column}, but a delivery has "
                f"{a_few(known, 20)}.",
            )
        # A number of YAML would lose zeros that a cell has.
        if isinstance(cell, bool) or not isinstance(cell, str | int | None):
            raise BadContract(
                path, line, f"{name} of the rule {rule.id} is no text: write the cell in quotes."
            )
    return {column: None if cell is None else str(cell) for column, cell in cells.items()}
