"""The source files of churn, made from their contract: each column, with what its cells may hold.

`flows/churn/sources/cells.py` makes the checks of them. To add a column, add one entry to
contracts/churn.odcs.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flows.contracts import contract as contracts
from flows.contracts.errors import BadContract
from flows.settings.contracted import churn_contract

CellType = Literal["whole number", "number", "amount", "date", "text"]

_CONTRACT = churn_contract()
# What databases, spreadsheets and pandas write where there is no value.
NOTHING: tuple[str, ...] = tuple(_CONTRACT.custom.get("wordsForNothing", ()))
_AMOUNT = "DECIMAL(18, 4)"


@dataclass(frozen=True)
class DayForm:
    """How days are written, where they are not as in other files.

    `strftime` is the form of the day, `shown` what people call it. Where more stands in a cell,
    `pattern` is a regular expression with the day as its first group.
    """

    strftime: str
    shown: str
    pattern: str = ""


@dataclass(frozen=True)
class Column:
    """One column: its name in the file, its name in Parquet, and what its cells may hold.

    Amounts are read to four decimals. An empty cell is missing, and so is one that holds a word
    for nothing, in any case. `known` closes a text: other values are refused (`refuse_unknown`), or
    counted and count as missing; the setting `unknown_values` overrides that. `fixed_words` are
    texts that mean something, read in any case. `decimal_sign`, `thousands_sign` and `day_form` say
    how the file writes numbers and days. `currency` is that of amounts, where the contract says it.
    """

    name: str
    becomes: str
    type: CellType
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    known: tuple[str, ...] = ()
    refuse_unknown: bool = False
    fixed_words: tuple[str, ...] = ()
    nothing: tuple[str, ...] = NOTHING
    decimal_sign: str = "."
    thousands_sign: str = ""
    day_form: DayForm | None = None
    currency: str | None = None


@dataclass(frozen=True)
class SourceFile:
    """One CSV file; `describes_users` when it has one row per user, true as of one day.

    `newest_day` is the column that shows how new such a file is.
    """

    name: str
    columns: tuple[Column, ...]
    describes_users: bool = True
    newest_day: str | None = None

    @property
    def file_name(self) -> str:
        """Its name in the delivery."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """Return the column that the file calls `name`."""
        return next(column for column in self.columns if column.name == name)


def source_file(table: contracts.Table) -> SourceFile:
    """Return the file that a table of the contract describes. Raises BadContract."""
    columns = tuple(map(_column, table.columns))
    newest = table.custom.get("newestDay")
    if newest not in (None, *(column.becomes for column in columns)):
        raise _bad(table.line, f"{table.name} has no column {newest}, which newestDay names.")
    return SourceFile(
        table.name,
        columns,
        describes_users=bool(table.custom.get("describesUsers", True)),
        newest_day=table.column(newest).delivered_name if newest else None,
    )


def _column(column: contracts.Column) -> Column:
    fixed = tuple(column.custom.get("fixedWords", ()))
    meant = {word.lower() for word in fixed}
    known = next((rule for rule in column.rules if rule.kind == "enum"), None)
    return Column(
        name=column.delivered_name,
        becomes=column.name,
        type=_cell_type(column),
        required=column.required,
        minimum=_bound(column, "minimum"),
        maximum=_bound(column, "maximum"),
        known=tuple(known.arguments["validValues"]) if known else (),
        refuse_unknown=known is not None and known.severity == "error",
        fixed_words=fixed,
        nothing=tuple(word for word in NOTHING if word not in meant),
        currency=_currency(column),
    )


def _cell_type(column: contracts.Column) -> CellType:
    if column.logical_type == "number":
        return "amount" if column.physical_type == _AMOUNT else "number"
    kinds: Mapping[str, CellType] = {"integer": "whole number", "date": "date", "string": "text"}
    if column.logical_type not in kinds:
        raise _bad(column.line, f"cells of {column.name} cannot be of type {column.logical_type}.")
    return kinds[column.logical_type]


def _bound(column: contracts.Column, name: str) -> int | None:
    bound: Any = column.options.get(name)
    if bound is not None and (not isinstance(bound, int) or column.logical_type == "date"):
        raise _bad(column.line, f"{name} of {column.name} is no whole number for a number.")
    return bound


def _currency(column: contracts.Column) -> str | None:
    currency: Any = column.custom.get("currency")
    if currency is not None and (not isinstance(currency, str) or not currency.strip()):
        raise _bad(column.line, f"currency of {column.name} is no text, such as EUR.")
    return currency


def _bad(line: int, problem: str) -> BadContract:
    return BadContract(_CONTRACT.path, line, problem)


SOURCE_FILES = tuple(map(source_file, _CONTRACT.tables))
PAYMENTS = source_file(_CONTRACT.table("PAYMENTS"))
