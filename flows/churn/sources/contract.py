"""The source files of churn, made from their contract: each column, with what its cells may hold.

`flows/churn/sources/reading/cells.py` makes the checks of them. To add a column, add one entry to
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
_OVERRIDES = "KPI_CHURN__UNKNOWN_VALUES"
_OF_TEXTS = ("enum", "pattern")


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
class Allowed:
    """One rule of a text, of that id: it is one of `values`, or else `pattern` matches in it.

    A text that is not allowed is refused, or else counts as missing and is counted; the setting
    `unknown_values` overrides that.
    """

    rule: str
    values: tuple[str, ...] = ()
    pattern: str = ""
    refuse: bool = False
    line: int | None = None

    @property
    def holds(self) -> str:
        """What is true of a text that is allowed."""
        return f"is one of {', '.join(self.values)}" if self.values else f"matches {self.pattern}"

    @property
    def broken(self) -> str:
        """What a text is that is not allowed."""
        if self.values:
            return f"none of {', '.join(self.values)}"
        return f"no match of {self.pattern}"


@dataclass(frozen=True)
class Column:
    """One column: its name in the file, its name in Parquet, and what its cells may hold.

    Amounts are read to four decimals. An empty cell is missing, and so is one that holds a word
    for nothing, in any case. `allowed` are the rules of what a text may say. `fixed_words` are
    texts that mean something, read in any case. `decimal_sign`, `thousands_sign` and `day_form` say
    how the file writes numbers and days. `currency` is that of amounts, where the contract says it.
    """

    name: str
    becomes: str
    type: CellType
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    allowed: tuple[Allowed, ...] = ()
    fixed_words: tuple[str, ...] = ()
    nothing: tuple[str, ...] = NOTHING
    decimal_sign: str = "."
    thousands_sign: str = ""
    day_form: DayForm | None = None
    currency: str | None = None


@dataclass(frozen=True)
class SourceFile:
    """One CSV file; `describes_users` when it has one row per user, true as of one day.

    `newest_day` is the column that shows how new such a file is. `whole` are the rules about the
    file as a whole.
    """

    name: str
    columns: tuple[Column, ...]
    describes_users: bool = True
    newest_day: str | None = None
    whole: tuple[contracts.Rule, ...] = ()

    @property
    def file_name(self) -> str:
        """Its name in the delivery."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """Return the column that the file calls `name`."""
        return next(column for column in self.columns if column.name == name)


def source_file(contract: contracts.Contract, table: contracts.Table) -> SourceFile:
    """Return the file that a table of the contract describes. Raises BadContract."""
    for rule in table.rules:
        if rule.kind != "rowCount" or "openDays" in rule.arguments:
            raise _not_checked(contract, rule, table.name)
    _check_promises(contract, table)
    columns = tuple(_column(contract, table, column) for column in table.columns)
    newest = table.custom.get("newestDay")
    if newest not in (None, *(column.becomes for column in columns)):
        line = table.custom_lines["newestDay"]
        raise BadContract(
            contract.path, line, f"{table.name} has no column {newest}, which newestDay names."
        )
    return SourceFile(
        table.name,
        columns,
        describes_users=bool(table.custom.get("describesUsers", True)),
        newest_day=table.column(newest).delivered_name if newest else None,
        whole=(*table.rules, *(rule for c in table.columns for rule in c.rules if _is_share(rule))),
    )


def _is_share(rule: contracts.Rule) -> bool:
    return rule.kind == "missingShare"


def _check_promises(contract: contracts.Contract, table: contracts.Table) -> None:
    """Refuse what nothing would keep: a file of another name, and more rows than one."""
    level = contract.service_level("rowCount")
    if level is not None and (type(level.value) is not int or level.value != 1):
        problem = "rowCount of a file is 1, without which it is refused; more is not checked here"
        raise BadContract(contract.path, level.line, f"{problem}.")
    if table.physical_name not in (table.name, f"{table.name}.csv"):
        problem = f"a delivery calls {table.name} {table.name}.csv, and not {table.physical_name}"
        raise BadContract(contract.path, table.line, f"{problem}.")


def _column(
    contract: contracts.Contract, table: contracts.Table, column: contracts.Column
) -> Column:
    fixed = tuple(column.custom.get("fixedWords", ()))
    meant = {word.lower() for word in fixed}
    _check_unique(contract, table, column)
    least, above = _bound(contract, column, "minimum"), _bound(contract, column, "exclusiveMinimum")
    most, below = _bound(contract, column, "maximum"), _bound(contract, column, "exclusiveMaximum")
    return Column(
        name=column.delivered_name,
        becomes=column.name,
        type=_cell_type(contract, column),
        required=column.required,
        minimum=max((n for n in (least, above) if n is not None), default=None),
        maximum=min((n for n in (most, below) if n is not None), default=None),
        allowed=_allowed(contract, column),
        fixed_words=fixed,
        nothing=tuple(
            word.lower()
            for word in contract.custom.get("wordsForNothing", ())
            if word.lower() not in meant
        ),
        currency=_currency(contract, column),
    )


def _cell_type(contract: contracts.Contract, column: contracts.Column) -> CellType:
    if column.logical_type == "number":
        return "amount" if column.physical_type == _AMOUNT else "number"
    kinds: Mapping[str, CellType] = {"integer": "whole number", "date": "date", "string": "text"}
    if column.logical_type not in kinds:
        raise BadContract(
            contract.path,
            column.line,
            f"cells of {column.name} cannot be of type {column.logical_type}.",
        )
    return kinds[column.logical_type]


def _allowed(contract: contracts.Contract, column: contracts.Column) -> tuple[Allowed, ...]:
    """Return the rules that a text has beside that of its type."""
    rules = [rule for rule in column.rules if not _is_share(rule)]
    for rule in rules:
        if rule.kind not in _OF_TEXTS or column.logical_type != "string":
            raise _not_checked(contract, rule, column.name)
        if set(rule.settings) - {_OVERRIDES}:
            raise BadContract(
                contract.path, rule.line, f"settings of {rule.id} can only be {_OVERRIDES}."
            )
    return tuple(
        Allowed(
            rule=rule.id,
            values=tuple(rule.arguments.get("validValues", ())),
            pattern=rule.arguments.get("pattern", ""),
            refuse=rule.severity == "error",
            line=rule.line,
        )
        for rule in rules
    )


def _not_checked(contract: contracts.Contract, rule: contracts.Rule, of: str) -> BadContract:
    return BadContract(
        contract.path,
        rule.line,
        f"the rule {rule.id} ({rule.kind}) of {of} is not checked here: a churn column has its "
        "type, required, bounds of a number, validValues and patterns of a text, and a share of "
        "missing cells; a file has rowCount.",
    )


def _check_unique(
    contract: contracts.Contract, table: contracts.Table, column: contracts.Column
) -> None:
    a_row_per_user = table.custom.get("describesUsers", True) and column.name == "user_id"
    if column.unique and not a_row_per_user:
        raise BadContract(
            contract.path,
            column.line,
            f"unique of {column.name} is not checked here: unique is user_id, in a file that "
            "describes users.",
        )


def _bound(contract: contracts.Contract, column: contracts.Column, name: str) -> int | None:
    """Return a bound; of a whole number, the next one within an exclusive bound."""
    bound: Any = column.options.get(name)
    if bound is None:
        return None
    kinds = ("integer",) if name.startswith("exclusive") else ("integer", "number")
    if not isinstance(bound, int) or column.logical_type not in kinds:
        raise BadContract(
            contract.path,
            column.line,
            f"{name} of {column.name} is no whole number for {' or '.join(kinds)}.",
        )
    return bound + {"exclusiveMinimum": 1, "exclusiveMaximum": -1}.get(name, 0)


def _currency(contract: contracts.Contract, column: contracts.Column) -> str | None:
    currency: Any = column.custom.get("currency")
    if currency is not None and (not isinstance(currency, str) or not currency.strip()):
        raise BadContract(
            contract.path, column.line, f"currency of {column.name} is no text, such as EUR."
        )
    return currency


SOURCE_FILES = tuple(source_file(_CONTRACT, table) for table in _CONTRACT.tables)
PAYMENTS = source_file(_CONTRACT, _CONTRACT.table("PAYMENTS"))
