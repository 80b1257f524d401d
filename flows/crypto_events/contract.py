"""The rules of crypto events, made from the contract's file: for Great Expectations and the SQL.

A rule is checked against raw rows, parsed (see sql/crypto_events/staging/judging/judge.sql), by the
suite against those of `staging.bt_crypto_events_window`. To add a rule, add one entry to
contracts/bt_crypto_events.odcs.yaml; what each kind of rule means is in
flows/crypto_events/rule_kinds.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import sql

from flows.contracts import contract as contracts
from flows.contracts.errors import BadContract
from flows.crypto_events.rule_kinds import Judged, check_of
from flows.settings.contracted import CRYPTO_EVENTS, contract_at
from flows.settings.crypto_events import CryptoSettings

RAW_SUITE = "suite_raw_history"
CANDIDATE_SUITE = "suite_staging_candidate"
CHECKPOINT = "crypto_checkpoint"

# What the warehouse's tables hold, and the types of the published one.
_TYPES = {
    "site_id": "TEXT",
    "user_id": "BIGINT",
    "purchase_date": "DATE",
    "crypto_type": "TEXT",
    "purchase_price": "NUMERIC",
    "purchase_units": "NUMERIC",
}
_COMPUTED: dict[str, tuple[str, str | None]] = {
    "purchase_value": ("NUMERIC", "purchase_price * purchase_units")
}
RAW_COLUMNS = tuple(_TYPES)
KEY_COLUMNS = ("site_id", "user_id", "purchase_date", "crypto_type")

DUPLICATE = "duplicate_candidate"


@dataclass(frozen=True)
class Rule:
    """One condition that every raw row must satisfy.

    `holds` is SQL, true or NULL for a good row; `expectation` is the Great Expectations class
    that checks the same, with its `arguments`. In an otherwise good row `bad_cell` breaks only this
    rule, and `good_cell` none, by the contract as the file has it.
    """

    id: str
    column: str
    description: str
    holds: sql.Composable
    expectation: str
    arguments: dict[str, Any]
    good_cell: str | None
    bad_cell: str | None


def table_of(crypto: CryptoSettings) -> contracts.Table:
    """Return the table of crypto events in the contract's file.

    Raises BadContract for a contract of other columns than the warehouse's tables have.
    """
    contract = contract_at(crypto.contract)
    table = contract.table(CRYPTO_EVENTS)
    for column in table.columns:
        _check_column(contract.path, column)
    named = {column.name for column in table.columns}
    if missing := [name for name in (*_TYPES, *_COMPUTED) if name not in named]:
        raise BadContract(
            contract.path, table.line, f"the table has no column {', '.join(missing)}."
        )
    if set(table.key) != set(KEY_COLUMNS):
        raise BadContract(
            contract.path,
            table.line,
            f"the key is {', '.join(table.key) or 'none'}, but that of the warehouse's tables is "
            f"{', '.join(KEY_COLUMNS)}.",
        )
    return table


def reasons_in_words(crypto: CryptoSettings) -> dict[str, str]:
    """Return, for each reason of a reject, what a good row satisfies. Raises BadContract."""
    whole = {rule.id: rule.description for rule in table_of(crypto).rules}
    return {rule.id: rule.description for rule in raw_rules(crypto)} | whole


def raw_rules(crypto: CryptoSettings) -> list[Rule]:
    """Return every rule for raw rows, in the order in which reasons are listed.

    Raises BadContract for a contract whose rules do not fit the table.
    """
    table = table_of(crypto)
    return [
        _rule(rule, column, crypto)
        for column in table.delivered
        for rule in column.rules
        if rule.kind != "noPlaceholder" or crypto.placeholder_dates
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


def _check_column(path: Path, column: contracts.Column) -> None:
    held: dict[str, tuple[str, str | None]] = (
        {name: (kind, None) for name, kind in _TYPES.items()} if column.logic is None else _COMPUTED
    )
    expected = held.get(column.name)
    if expected is None:
        raise BadContract(
            path,
            column.line,
            f"no table has the column {column.name}: those of crypto events have "
            f"{', '.join((*_TYPES, *_COMPUTED))}.",
        )
    if (column.physical_type, column.logic) != expected:
        said = " ".join(filter(None, expected))
        raise BadContract(path, column.line, f"the warehouse's {column.name} is {said}.")


def _not_false(rule: Rule) -> sql.Composable:
    return sql.SQL("({}) IS NOT FALSE").format(rule.holds)


def _rule(rule: contracts.Rule, column: contracts.Column, crypto: CryptoSettings) -> Rule:
    arguments, overridden = _arguments(rule, column, crypto)
    check = check_of(Judged(rule, column, arguments, crypto))
    return Rule(
        id=rule.id,
        column=column.name,
        description=check.says if overridden else rule.description or check.says,
        holds=check.holds,
        expectation=check.expectation,
        arguments=check.arguments,
        good_cell=rule.good,
        bad_cell=rule.bad,
    )


def _arguments(
    rule: contracts.Rule, column: contracts.Column, crypto: CryptoSettings
) -> tuple[Mapping[str, Any], bool]:
    """Return the arguments that count, and whether a setting overrides one of them."""
    arguments = dict(rule.arguments)
    if rule.kind == "bounds":
        arguments = {**{k: v for k, v in column.options.items() if k != "format"}, **arguments}
    overridden = False
    for variable in rule.settings:
        name = variable.removeprefix("KPI_CRYPTO__").lower()
        if name in crypto.model_fields_set:
            overridden = True
            arguments[_OVERRIDDEN.get(name, name)] = getattr(crypto, name)
    return arguments, overridden


_OVERRIDDEN = {
    "sites": "validValues",
    "crypto_types": "validValues",
    "min_user_id": "minimum",
    "price_integer_digits": "beforePoint",
    "units_integer_digits": "beforePoint",
}
