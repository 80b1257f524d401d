"""The contract of crypto events: each rule once, for Great Expectations and for the SQL.

A rule is checked against raw rows, parsed (see sql/crypto_events/staging/judging/judge.sql), by the
suite against those of `staging.bt_crypto_events_window`. To add a rule, add one entry: `holds`
rejects rows with the rule's id as the reason, `expectation` makes the suite check the same, and
`bad_cell` breaks the rule in a test that compares both.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, LiteralString

from psycopg import sql

from flows.crypto_events.calendar import date_forms
from flows.settings.crypto_events import CryptoSettings

RAW_SUITE = "suite_raw_history"
CANDIDATE_SUITE = "suite_staging_candidate"
CHECKPOINT = "crypto_checkpoint"

RAW_COLUMNS = (
    "site_id",
    "user_id",
    "purchase_date",
    "crypto_type",
    "purchase_price",
    "purchase_units",
)
KEY_COLUMNS = ("site_id", "user_id", "purchase_date", "crypto_type")

DUPLICATE = "duplicate_candidate"


@dataclass(frozen=True)
class Rule:
    """One condition that every raw row must satisfy.

    `holds` is SQL, true or NULL for a good row; `expectation` is the Great Expectations class
    that checks the same, with its `arguments`; if none fits, `SingleQueryExpectation` runs a query
    from the package's sql folder. `bad_cell` is an example for the default settings: in an
    otherwise good row it breaks only this rule.
    """

    id: str
    column: str
    description: str
    holds: sql.Composable
    expectation: str
    arguments: dict[str, Any]
    bad_cell: str | None


def raw_rules(contract: CryptoSettings) -> list[Rule]:
    """Return every rule for raw rows, in the order in which reasons are listed."""
    return [
        *_name_rules("site_id", contract.sites, "Brasil"),
        *_readable_rules(
            "user_id", "not_bigint", "a whole number that fits BIGINT", "9223372036854775808"
        ),
        Rule(
            id="user_id_too_small",
            column="user_id",
            description=f"user_id is at least {contract.min_user_id}",
            holds=_sql("user_id >= {}", contract.min_user_id),
            expectation="ExactBoundsExpectation",
            arguments={"column": "user_id", "min_value": contract.min_user_id},
            bad_cell="0",
        ),
        *_date_rules(contract),
        Rule(
            id="date_in_future",
            column="purchase_date",
            description="purchase_date is not later than the day after the row's arrival",
            holds=sql.SQL("purchase_date <= latest_date"),
            expectation="ExpectColumnPairValuesAToBeGreaterThanB",
            arguments={
                "column_A": "latest_date",
                "column_B": "purchase_date",
                "or_equal": True,
                "ignore_row_if": "either_value_is_missing",
            },
            bad_cell=f"31/12/{contract.last_year}",
        ),
        *_name_rules("crypto_type", contract.crypto_types, "btc"),
        *_number_rules("purchase_price", contract.price_integer_digits, contract),
        *_number_rules("purchase_units", contract.units_integer_digits, contract),
    ]


def every_rule_holds(rules: list[Rule]) -> sql.Composable:
    """Return SQL that is true for a row that breaks no rule."""
    return sql.SQL("\n        AND ").join(_not_false(rule) for rule in rules)


def broken_rules(rules: list[Rule]) -> sql.Composable:
    """Return SQL that lists the ids of the rules a row breaks, with NULL for the others."""
    return sql.SQL(",\n        ").join(
        sql.SQL("CASE WHEN NOT ({}) THEN {} END").format(_not_false(rule), sql.Literal(rule.id))
        for rule in rules
    )


def _not_false(rule: Rule) -> sql.Composable:
    return sql.SQL("({}) IS NOT FALSE").format(rule.holds)


def _sql(text: LiteralString, *values: object) -> sql.Composable:
    return sql.SQL(text).format(*(sql.Literal(value) for value in values))


def _name_rules(column: str, names: tuple[str, ...], unknown: str) -> list[Rule]:
    identifier = sql.Identifier(column)
    return [
        Rule(
            id=f"{column}_missing",
            column=column,
            description=f"{column} is present",
            holds=sql.SQL("{} IS NOT NULL").format(identifier),
            expectation="ExpectColumnValuesToNotBeNull",
            arguments={"column": column},
            bad_cell=" \t\u00a0",
        ),
        Rule(
            id=f"{column}_unknown",
            column=column,
            description=f"{column} is one of {', '.join(names)}",
            holds=sql.SQL("{} = ANY({})").format(identifier, sql.Literal(list(names))),
            expectation="ExpectColumnValuesToBeInSet",
            arguments={"column": column, "value_set": list(names)},
            bad_cell=unknown,
        ),
    ]


def _readable_rules(column: str, kind: str, form: str, unreadable_cell: str) -> list[Rule]:
    unreadable = f"unreadable_{column}"
    identifier = sql.Identifier(unreadable)
    return [
        Rule(
            id=f"{column}_missing",
            column=column,
            description=f"{column} is present",
            holds=sql.SQL("{} <> ''").format(identifier),
            expectation="ExpectColumnValuesToNotBeInSet",
            arguments={"column": unreadable, "value_set": [""]},
            bad_cell=None,
        ),
        Rule(
            id=f"{column}_{kind}",
            column=column,
            description=f"{column} is {form}",
            holds=sql.SQL("{} = ''").format(identifier),
            expectation="ExpectColumnValuesToBeInSet",
            arguments={"column": unreadable, "value_set": [""]},
            bad_cell=unreadable_cell,
        ),
    ]


def _date_rules(contract: CryptoSettings) -> list[Rule]:
    """Return the rules for the text of a date; a placeholder has its own reason, and no other."""
    form = (
        f"a real calendar date as {contract.date_format}, "
        f"from {contract.first_year} to {contract.last_year}"
    )
    missing, not_a_date = _readable_rules("purchase_date", "not_a_date", form, "31/2/2025")
    if not contract.placeholder_dates:
        return [missing, not_a_date]
    spellings = [date_forms(contract.date_format, day) for day in contract.placeholder_dates]
    forms = [form for of_a_day in spellings for form in of_a_day]
    column = not_a_date.arguments["column"]
    identifier = sql.Identifier(column)
    return [
        missing,
        replace(
            not_a_date,
            holds=sql.SQL("{} = ANY({})").format(identifier, sql.Literal(["", *forms])),
            arguments={"column": column, "value_set": ["", *forms]},
        ),
        Rule(
            id="purchase_date_placeholder",
            column="purchase_date",
            description="purchase_date is not what systems write when they know no date "
            f"({', '.join(of_a_day[0] for of_a_day in spellings)})",
            holds=sql.SQL("{} <> ALL({})").format(identifier, sql.Literal(forms)),
            expectation="ExpectColumnValuesToNotBeInSet",
            arguments={"column": column, "value_set": forms},
            bad_cell=spellings[0][0],
        ),
    ]


def _number_rules(column: str, digits: int, contract: CryptoSettings) -> list[Rule]:
    limit = 10**digits
    identifier = sql.Identifier(column)
    return [
        *_readable_rules(
            column,
            "not_a_number",
            "a plain decimal number (digits, at most one point, no exponent) "
            f"of at most {contract.number_max_length} characters",
            "1,5",
        ),
        Rule(
            id=f"{column}_not_positive",
            column=column,
            description=f"{column} is greater than 0",
            holds=sql.SQL("{} > 0").format(identifier),
            expectation="ExactBoundsExpectation",
            arguments={"column": column, "min_value": 0, "strict_min": True},
            bad_cell="-0.0",
        ),
        Rule(
            id=f"{column}_too_large",
            column=column,
            description=f"{column} has at most {digits} digits before the point",
            holds=sql.SQL("{} < {}").format(identifier, sql.Literal(Decimal(limit))),
            expectation="ExactBoundsExpectation",
            arguments={"column": column, "max_value": limit, "strict_max": True},
            bad_cell=str(limit),
        ),
    ]
