"""Each kind of rule: the SQL that a good row satisfies, and the expectation that checks the same.

Both look at parsed rows: a text is in its column; of another column, what cannot be read is in
`unreadable_…` ('' when nothing was delivered), and NULL when it can.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, LiteralString

from psycopg import sql

from flows.contracts.contract import Column, Rule
from flows.crypto_events.calendar import date_forms
from flows.settings.crypto_events import CryptoSettings


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

    def sql(self, text: LiteralString, *values: object) -> sql.Composable:
        """Return SQL about the column, which is the first `{}`; the values are the others."""
        return sql.SQL(text).format(sql.Identifier(self.name), *map(sql.Literal, values))


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


_BOUNDS: dict[str, tuple[str, LiteralString]] = {
    "minimum": ("at least", "{} >= {}"),
    "exclusiveMinimum": ("greater than", "{} > {}"),
    "maximum": ("at most", "{} <= {}"),
    "exclusiveMaximum": ("less than", "{} < {}"),
}


def _bounds(judged: Judged) -> Check:
    given = {name: judged.arguments[name] for name in _BOUNDS if name in judged.arguments}
    arguments: dict[str, Any] = {"column": judged.name}
    for name, value in given.items():
        side = "min" if "inimum" in name else "max"
        arguments[f"{side}_value"] = value
        if name.startswith("exclusive"):
            arguments[f"strict_{side}"] = True
    parts = [judged.sql(_BOUNDS[name][1], value) for name, value in given.items()]
    return Check(
        f"{judged.name} is "
        + " and ".join(f"{_BOUNDS[name][0]} {value}" for name, value in given.items()),
        sql.SQL(" AND ").join(parts),
        "ExactBoundsExpectation",
        arguments,
    )


def _digits(judged: Judged) -> Check:
    digits = judged.arguments["beforePoint"]
    limit = 10**digits
    return Check(
        f"{judged.name} has at most {digits} digits before the point",
        judged.sql("{} < {}", Decimal(limit)),
        "ExactBoundsExpectation",
        {"column": judged.name, "max_value": limit, "strict_max": True},
    )


_SIGNS: dict[str, LiteralString] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


def _compare(judged: Judged) -> Check:
    other, sign = judged.arguments["column"], judged.arguments["operator"]
    left, right = (other, judged.name) if sign in ("<", "<=") else (judged.name, other)
    return Check(
        f"{judged.name} {sign} {other}",
        sql.SQL("{} {} {}").format(
            sql.Identifier(judged.name), sql.SQL(_SIGNS[sign]), sql.Identifier(other)
        ),
        "ExpectColumnPairValuesAToBeGreaterThanB",
        {
            "column_A": left,
            "column_B": right,
            "or_equal": sign in ("<=", ">="),
            "ignore_row_if": "either_value_is_missing",
        },
    )


_KINDS: dict[str, Callable[[Judged], Check]] = {
    "required": _required,
    "readable": _readable,
    "noPlaceholder": _no_placeholder,
    "enum": _enum,
    "bounds": _bounds,
    "digits": _digits,
    "compare": _compare,
}
