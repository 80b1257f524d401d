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
from flows.contracts import delivery_rules
from flows.contracts.errors import BadContract, place
from flows.crypto_events import fitting
from flows.crypto_events.rule_kinds import BOUNDS, Judged, check_of, own_sql
from flows.errors import BadInput
from flows.settings.contracted import CRYPTO_EVENTS, contract_at, overrides
from flows.settings.crypto_events import CryptoSettings

RAW_SUITE = "suite_raw_history"
CANDIDATE_SUITE = "suite_staging_candidate"
CHECKPOINT = "crypto_checkpoint"

RAW_COLUMNS = fitting.RAW_COLUMNS

DUPLICATE = fitting.KEY_RULE
GENERATOR = "generator"
"""The source of generated rows."""


@dataclass(frozen=True)
class Rule:
    """One condition that every raw row must satisfy.

    `holds` is SQL, true or NULL for a good row; `expectation` is the Great Expectations class
    that checks the same, with its `arguments`. `column` is None for a rule about whole rows, whose
    examples are cells by column; `reference` is the table and column that hold what is allowed.
    Rows that break a rule of severity warn are published. In an otherwise good row `bad_cell`
    breaks only this rule, and `good_cell` none, by the contract as the file has it.
    """

    id: str
    kind: str
    column: str | None
    description: str
    holds: sql.Composable
    expectation: str
    arguments: dict[str, Any]
    severity: contracts.Severity
    line: int
    reference: tuple[str, str] | None
    good_cell: Any
    bad_cell: Any


def table_of(crypto: CryptoSettings) -> contracts.Table:
    """Return the table of crypto events in the contract's file.

    Raises BadContract for a contract of other columns than the warehouse's tables have.
    """
    contract = contract_at(crypto.contract)
    table = contract.table(CRYPTO_EVENTS)
    fitting.check_table(contract.path, table)
    return table


def reasons_in_words(crypto: CryptoSettings) -> dict[str, str]:
    """Return, for each reason of a reject, what a good row satisfies. Raises BadContract."""
    whole = {
        rule.id: rule.description
        for rule in table_of(crypto).rules
        if rule.kind not in delivery_rules.KINDS
    }
    return {rule.id: rule.description for rule in raw_rules(crypto)} | whole


def raw_rules(crypto: CryptoSettings) -> list[Rule]:
    """Return every rule for raw rows, in the order in which reasons are listed.

    Raises BadContract for a contract whose rules do not fit the table, and BadInput for a setting
    that is to override a rule that the contract does not have.
    """
    table = table_of(crypto)
    _check_overrides(table, crypto)
    path = contract_at(crypto.contract).path
    return [
        *(
            _rule(path, rule, column, crypto)
            for column in table.delivered
            for rule in column.rules
            if rule.kind not in delivery_rules.KINDS
            if rule.kind != "noPlaceholder" or crypto.placeholder_dates
        ),
        *(_rule_of_rows(rule) for rule in table.rules if rule.kind == "sql"),
    ]


def every_rule_holds(rules: list[Rule]) -> sql.Composable:
    """Return SQL that is true for a row that breaks no rule of severity error."""
    holding = [_not_false(rule) for rule in rules if rule.severity == "error"]
    return sql.SQL("\n        AND ").join(holding or [sql.SQL("true")])


def broken_rules(rules: list[Rule]) -> sql.Composable:
    """Return SQL that lists the ids of the rules a row breaks, with NULL for the others.

    Rules of severity warn are recorded by the suite alone.
    """
    listed: list[sql.Composable] = [
        sql.SQL("CASE WHEN NOT ({}) THEN {} END").format(_not_false(rule), sql.Literal(rule.id))
        for rule in rules
        if rule.severity == "error"
    ]
    return sql.SQL(",\n        ").join(listed or [sql.SQL("NULL::text")])


def _not_false(rule: Rule) -> sql.Composable:
    return sql.SQL("({}) IS NOT FALSE").format(rule.holds)


def _rule(
    path: Path, rule: contracts.Rule, column: contracts.Column, crypto: CryptoSettings
) -> Rule:
    _check_settings(path, rule)
    arguments, overridden = _arguments(rule, column, crypto)
    if problem := fitting.misfit(rule.kind, column, arguments):
        raise BadContract(path, rule.line, f"the rule {rule.id} {problem}.")
    check = check_of(Judged(rule, column, arguments, crypto))
    return Rule(
        id=rule.id,
        kind=rule.kind,
        column=column.name,
        description=check.says if overridden else rule.description or check.says,
        holds=check.holds,
        expectation=check.expectation,
        arguments=check.arguments,
        severity=rule.severity,
        line=rule.line,
        reference=(arguments["table"], arguments["column"]) if rule.kind == "reference" else None,
        good_cell=rule.good,
        bad_cell=rule.bad,
    )


def _check_settings(path: Path, rule: contracts.Rule) -> None:
    for variable in rule.settings:
        if not overrides(variable, rule.kind):
            raise BadContract(
                path,
                rule.line,
                f"the rule {rule.id} ({rule.kind}) names {variable} among its settings, which "
                "overrides nothing of it.",
            )


def _rule_of_rows(rule: contracts.Rule) -> Rule:
    check = own_sql(rule.arguments["holds"], rule.description)
    return Rule(
        id=rule.id,
        kind=rule.kind,
        column=None,
        description=check.says,
        holds=check.holds,
        expectation=check.expectation,
        arguments=check.arguments,
        severity=rule.severity,
        line=rule.line,
        reference=None,
        good_cell=rule.good,
        bad_cell=rule.bad,
    )


def _arguments(
    rule: contracts.Rule, column: contracts.Column, crypto: CryptoSettings
) -> tuple[Mapping[str, Any], bool]:
    """Return the arguments that count, and whether a setting overrides one of them."""
    arguments = dict(rule.arguments)
    if rule.kind == "bounds" and not arguments:
        arguments = {name: value for name, value in column.options.items() if name in BOUNDS}
    overridden = False
    for variable in rule.settings:
        name = variable.removeprefix(_PREFIX).lower()
        if name in crypto.model_fields_set:
            overridden = True
            arguments[_OVERRIDDEN.get(name, name)] = getattr(crypto, name)
    return arguments, overridden


def _check_overrides(table: contracts.Table, crypto: CryptoSettings) -> None:
    """Refuse what would be silently without effect: whoever sets it believes that it is checked."""
    overridden = {variable for rule in table.every_rule() for variable in rule.settings}
    for name in _OF_RULES:
        variable = f"{_PREFIX}{name.upper()}"
        if name in crypto.model_fields_set and variable not in overridden:
            raise BadInput(
                f"{variable} has nothing to override: no rule of {place(crypto.contract, None)} "
                "names it among its settings. Remove the variable, or add it to a rule."
            )


_PREFIX = "KPI_CRYPTO__"
_OVERRIDDEN = {
    "sites": "validValues",
    "crypto_types": "validValues",
    "min_user_id": "minimum",
    "price_integer_digits": "beforePoint",
    "units_integer_digits": "beforePoint",
}
_OF_RULES = (*_OVERRIDDEN, "first_year", "last_year", "placeholder_dates")
