"""Each kind of rule: the SQL that a good row satisfies, and the expectation that checks the same.

Both look at parsed rows: a text is in its column; of another column, what cannot be read is in
`unreadable_…` ('' when nothing was delivered), and NULL when it can.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString

from psycopg import sql

from flows.contracts.contract import Column, Rule
from flows.crypto_events.calendar import date_forms
from flows.settings.crypto_events import CryptoSettings

_FILLED_IN = re.compile(r"(?<![:\w\\]):(?=\w)")
MOST_DIGITS = 100
OPERATORS: dict[str, LiteralString] = {
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "=": "=",
    "<>": "<>",
}


@dataclass(frozen=True)
class Check:
    """What a rule means: `holds` is true or NULL for a good row, `says` is that in words.

    `expectation` is the Great Expectations class that checks the same, with its `arguments`.
    """

    says: str
    holds: sql.Composable
    expectation: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """A rule with its column and the arguments that count: the file's, or those of settings."""

    rule: Rule
    column: Column
    arguments: Mapping[str, Any]
    crypto: CryptoSettings

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def is_text(self) -> bool:
        """Whether the column is kept as it was delivered, without blanks around it."""
        return self.column.logical_type == "string"

    @property
    def unreadable(self) -> str:
        """The column that holds what could not be read."""
        return f"unreadable_{self.name}"

    def bound(self, value: Any) -> object:
        """Return a bound of the contract as a value of the column's type."""
        if self.column.logical_type == "date":
            return date.fromisoformat(value)
        return Decimal(str(value)) if isinstance(value, float) else value

    def sql(self, text: LiteralString, *values: object) -> sql.Composable:
        """Return SQL about the column, which is the first `{}`; the values are the others."""
        return sql.SQL(text).format(sql.Identifier(self.name), *map(sql.Literal, values))


def by_query(says: str, holds: sql.Composable) -> Check:
    """Return a check whose expectation counts the rows for which `holds` is false."""
    text = as_query(holds)
    query = (
        f"SELECT count(*) AS broken_rows FROM {{batch}} WHERE ({text}) IS FALSE "  # noqa: S608
        "HAVING count(*) > 0"
    )
    return Check(says, holds, "SingleQueryExpectation", {"unexpected_rows_query": query})


def as_query(composed: sql.Composable) -> str:
    """Return SQL as Great Expectations takes it, with nothing for it to fill in."""
    text = composed.as_string(None)
    # Great Expectations fills in braces, and SQLAlchemy what follows a colon.
    return _FILLED_IN.sub(r"\\:", text.replace("{", "{{").replace("}", "}}"))


def check_of(judged: Judged) -> Check:
    """Return what the rule means."""
    return _KINDS[judged.rule.kind](judged)


def placeholder_forms(crypto: CryptoSettings) -> list[list[str]]:
    """Return, for each day that only means "no date", every text that means it."""
    return [date_forms(crypto.date_format, day) for day in crypto.placeholder_dates]


def _required(judged: Judged) -> Check:
    says = f"{judged.name} is present"
    if judged.is_text:
        return Check(
            says,
            judged.sql("{} IS NOT NULL"),
            "ExpectColumnValuesToNotBeNull",
            {"column": judged.name},
        )
    return Check(
        says,
        sql.SQL("{} <> ''").format(sql.Identifier(judged.unreadable)),
        "ExpectColumnValuesToNotBeInSet",
        {"column": judged.unreadable, "value_set": [""]},
    )


def _readable(judged: Judged) -> Check:
    crypto, unreadable = judged.crypto, sql.Identifier(judged.unreadable)
    form = {
        "integer": "a whole number that fits BIGINT",
        "number": "a plain decimal number (digits, at most one point, no exponent) "
        f"of at most {crypto.number_max_length} characters",
        "date": f"a real calendar date as {crypto.date_format}, "
        f"from {crypto.first_year} to {crypto.last_year}",
    }[judged.column.logical_type]
    others = [rule.kind for rule in judged.column.rules]
    # A placeholder has its own reason, and no other.
    spared = placeholder_forms(crypto) if "noPlaceholder" in others else []
    readable = ["", *(form for forms in spared for form in forms)]
    holds = (
        sql.SQL("{} = ANY({})").format(unreadable, sql.Literal(readable))
        if len(readable) > 1
        else sql.SQL("{} = ''").format(unreadable)
    )
    return Check(
        f"{judged.name} is {form}",
        holds,
        "ExpectColumnValuesToBeInSet",
        {"column": judged.unreadable, "value_set": readable},
    )


def _no_placeholder(judged: Judged) -> Check:
    spellings = placeholder_forms(judged.crypto)
    forms = [form for of_a_day in spellings for form in of_a_day]
    return Check(
        f"{judged.name} is not what systems write when they know no date "
        f"({', '.join(of_a_day[0] for of_a_day in spellings)})",
        sql.SQL("{} <> ALL({})").format(sql.Identifier(judged.unreadable), sql.Literal(forms)),
        "ExpectColumnValuesToNotBeInSet",
        {"column": judged.unreadable, "value_set": forms},
    )


def _enum(judged: Judged) -> Check:
    values = list(judged.arguments["validValues"])
    return Check(
        f"{judged.name} is one of {', '.join(values)}",
        judged.sql("{} = ANY({})", values),
        "ExpectColumnValuesToBeInSet",
        {"column": judged.name, "value_set": values},
    )


BOUNDS: dict[str, tuple[str, LiteralString]] = {
    "minimum": ("at least", "{} >= {}"),
    "exclusiveMinimum": ("greater than", "{} > {}"),
    "maximum": ("at most", "{} <= {}"),
    "exclusiveMaximum": ("less than", "{} < {}"),
}


def _bounds(judged: Judged) -> Check:
    given = {name: judged.arguments[name] for name in BOUNDS if name in judged.arguments}
    says = f"{judged.name} is " + " and ".join(f"{BOUNDS[n][0]} {v}" for n, v in given.items())
    parts = [judged.sql(BOUNDS[name][1], judged.bound(value)) for name, value in given.items()]
    holds = sql.SQL(" AND ").join(parts)
    sides = ["min" if "inimum" in name else "max" for name in given]
    if not all(isinstance(value, int) for value in given.values()) or len({*sides}) < len(sides):
        return by_query(says, holds)
    arguments: dict[str, Any] = {"column": judged.name}
    for side, (name, value) in zip(sides, given.items(), strict=True):
        arguments[f"{side}_value"] = value
        if name.startswith("exclusive"):
            arguments[f"strict_{side}"] = True
    return Check(says, holds, "ExactBoundsExpectation", arguments)


def _digits(judged: Judged) -> Check:
    before: Any = judged.arguments.get("beforePoint")
    after: Any = judged.arguments.get("afterPoint")
    if after is None:
        limit = 10**before
        return Check(
            f"{judged.name} has at most {before} digits before the point",
            judged.sql("{} < {}", Decimal(limit)),
            "ExactBoundsExpectation",
            {"column": judged.name, "max_value": limit, "strict_max": True},
        )
    says = [f"{after} digits after"]
    holds = [judged.sql("scale(trim_scale({})) <= {}", after)]
    if before is not None:
        says.insert(0, f"{before} digits before")
        holds.insert(0, judged.sql("abs({}) < {}", Decimal(10**before)))
    return by_query(
        f"{judged.name} has at most {' and '.join(says)} the point", sql.SQL(" AND ").join(holds)
    )


def _compare(judged: Judged) -> Check:
    other, sign = judged.arguments["column"], judged.arguments["operator"]
    says = f"{judged.name} {sign} {other}"
    holds = sql.SQL("{} {} {}").format(
        sql.Identifier(judged.name), sql.SQL(OPERATORS[sign]), sql.Identifier(other)
    )
    if sign in ("=", "<>"):
        return by_query(says, holds)
    left, right = (other, judged.name) if sign in ("<", "<=") else (judged.name, other)
    return Check(
        says,
        holds,
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {
            "column_A": left,
            "column_B": right,
            "or_equal": sign in ("<=", ">="),
            "ignore_row_if": "either_value_is_missing",
        },
    )


def _pattern(judged: Judged) -> Check:
    pattern = judged.arguments["pattern"]
    return Check(
        f"{judged.name} matches {pattern}",
        judged.sql("{} ~ {}", pattern),
        "ExpectColumnValuesToMatchRegex",
        {"column": judged.name, "regex": pattern},
    )


def _reference(judged: Judged) -> Check:
    table, column = judged.arguments["table"], judged.arguments["column"]
    # Without NULLs: one among the values would let everything pass.
    values = sql.SQL("SELECT {column} FROM {table} WHERE {column} IS NOT NULL").format(
        column=sql.Identifier(column), table=sql.Identifier(*table.split("."))
    )
    return by_query(
        f"{judged.name} is in {table}, column {column}",
        sql.SQL("{} = ANY(ARRAY({}))").format(sql.Identifier(judged.name), values),
    )


def own_sql(text: Any, says: str = "") -> Check:
    """Return the check of SQL that the contract has; it may end in a comment."""
    return by_query(says or f"{text} holds", sql.SQL(f"{text}\n"))


_KINDS: dict[str, Callable[[Judged], Check]] = {
    "required": _required,
    "readable": _readable,
    "noPlaceholder": _no_placeholder,
    "enum": _enum,
    "pattern": _pattern,
    "bounds": _bounds,
    "digits": _digits,
    "compare": _compare,
    "reference": _reference,
    "sql": lambda judged: own_sql(judged.arguments["holds"]),
}
