"""Settings that the contracts give, unless a variable overrides them.

A rule names the variables that override its arguments (`settings` in its custom properties), and
counts without such a name as well; a contract without the rule leaves the setting at a value that
refuses nothing.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from flows.contracts.contract import Column, Contract, Rule, Table
from flows.contracts.dates import as_strftime, day_of, spelled_out
from flows.contracts.errors import BadContract
from flows.contracts.read import read_contract
from flows.paths import CONTRACTS, REPOSITORY

CRYPTO_EVENTS = "bt_crypto_events"
_PREFIX = "KPI_CRYPTO__"
_NO_LIMIT = {"firstYear": 1, "lastYear": 9999, "beforePoint": 100}
_NUMBER_MAX_LENGTH = 200
_FRESHNESS_HOURS = 26
_MAX_SILENT_DAYS = 3
_HOURS = {"h": 1, "hours": 1, "d": 24, "days": 24}
# What a setting overrides: a rule's kind, and the column of the one that none may name.
OVERRIDES = {
    "SITES": ("enum", "site_id"),
    "CRYPTO_TYPES": ("enum", "crypto_type"),
    "FIRST_YEAR": ("readable", "purchase_date"),
    "LAST_YEAR": ("readable", "purchase_date"),
    "PLACEHOLDER_DATES": ("noPlaceholder", "purchase_date"),
    "MIN_USER_ID": ("bounds", "user_id"),
    "PRICE_INTEGER_DIGITS": ("digits", "purchase_price"),
    "UNITS_INTEGER_DIGITS": ("digits", "purchase_units"),
}
# Settings that several rules may name, or that override more than a rule.
_OF_READING = ("DATE_FORMAT", "NUMBER_MAX_LENGTH")
_SMALLEST_BIGINT = -(2**63)

Said = dict[str, Any]


def contract_at(path: Path) -> Contract:
    """Return the contract; a relative path counts from this project's folder. Raises BadInput."""
    return read_contract(REPOSITORY / path.expanduser())


def names(setting: str) -> Callable[[Said], tuple[str, ...]]:
    """Return what gives the values of the enum that a setting overrides."""
    return lambda said: tuple(_argument(said, setting, "validValues") or ())


def digits(setting: str) -> Callable[[Said], int]:
    """Return what gives the digits before the point that a setting overrides."""
    return lambda said: _whole(said, setting, "beforePoint")


def date_format(said: Said) -> str:
    """Return the form of purchase_date, written as the setting writes it."""
    return spelled_out(_contract(said).path, _column(said, "purchase_date"))


def first_year(said: Said) -> int:
    """Return the first year of a real date."""
    return _whole(said, "FIRST_YEAR", "firstYear")


def last_year(said: Said) -> int:
    """Return the last year of a real date."""
    return _whole(said, "LAST_YEAR", "lastYear")


def placeholder_dates(said: Said) -> tuple[date, ...]:
    """Return the days that systems write when they know none. Raises BadContract."""
    rule = _rule(said, "PLACEHOLDER_DATES")
    path = _contract(said).path
    return tuple(day_of(path, rule.line, day) for day in rule.arguments["days"]) if rule else ()


def min_user_id(said: Said) -> int:
    """Return the smallest user_id."""
    rule = _rule(said, "MIN_USER_ID")
    if rule is None:
        return _SMALLEST_BIGINT
    options = _column(said, "user_id").options
    least = rule.arguments.get("minimum", options.get("minimum"))
    if least is None:
        return _SMALLEST_BIGINT
    return _checked(said, rule, "minimum", least)


def number_max_length(said: Said) -> int:
    """Return how many characters a number may have."""
    return int(_table(said).custom.get("numberMaxLength", _NUMBER_MAX_LENGTH))


def freshness_hours(said: Said) -> float:
    """Return the hours after which published data is late. Raises BadContract."""
    contract = _contract(said)
    level = contract.service_level("freshness", CRYPTO_EVENTS)
    if level is None:
        return _FRESHNESS_HOURS
    if level.unit not in _HOURS or not isinstance(level.value, int | float):
        raise BadContract(
            contract.path, level.line, "freshness is a number with a unit of h (hours) or d (days)."
        )
    if isinstance(level.value, bool) or level.value <= 0:
        raise BadContract(contract.path, level.line, "freshness is more than 0 hours.")
    return level.value * _HOURS[level.unit]


def overrides(variable: str, kind: str) -> bool:
    """Return whether a variable overrides something that a rule of this kind says."""
    setting = variable.removeprefix(_PREFIX)
    of_kind = "readable" if setting in _OF_READING else OVERRIDES.get(setting, (None,))[0]
    return variable.startswith(_PREFIX) and of_kind == kind


def churn_contract() -> Contract:
    """Return the contract of the churn files. Raises BadContract."""
    return read_contract(CONTRACTS / "churn.odcs.yaml")


def churn_date_format() -> str:
    """Return the form of dates in the churn files, as strftime writes it. Raises BadContract."""
    contract = churn_contract()
    days = [c for table in contract.tables for c in table.columns if c.logical_type == "date"]
    forms = {as_strftime(contract.path, column): column for column in reversed(days)}
    if len(forms) > 1:
        other = list(forms.values())[-2]
        raise BadContract(
            contract.path, other.line, f"the format of {other.name} is not that of other dates."
        )
    return next(iter(forms), "%Y-%m-%d")


def max_silent_days() -> int:
    """Return the days without a payment after which PAYMENTS is incomplete. Raises BadContract."""
    contract = churn_contract()
    level = contract.service_level("freshness", "PAYMENTS")
    if level is None:
        return _MAX_SILENT_DAYS
    if level.unit not in ("d", "days") or not isinstance(level.value, int):
        raise BadContract(
            contract.path, level.line, "freshness of PAYMENTS is a whole number of days (unit: d)."
        )
    return level.value


def _argument(said: Said, setting: str, argument: str) -> Any:
    rule = _rule(said, setting)
    return rule.arguments.get(argument) if rule else None


def _whole(said: Said, setting: str, argument: str) -> int:
    rule = _rule(said, setting)
    if rule is None or argument not in rule.arguments:
        return _NO_LIMIT[argument]
    return _checked(said, rule, argument, rule.arguments[argument])


def _checked(said: Said, rule: Rule, argument: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadContract(
            _contract(said).path, rule.line, f"{argument} of the rule {rule.id} is no whole number."
        )
    return value


def _rule(said: Said, setting: str) -> Rule | None:
    variable = f"{_PREFIX}{setting}"
    table = _table(said)
    kind, column = OVERRIDES[setting]
    # One of another kind that names the variable is refused where rules are made.
    named = next((r for r in table.every_rule() if variable in r.settings and r.kind == kind), None)
    return named or next((rule for rule in table.column(column).rules if rule.kind == kind), None)


def _column(said: Said, name: str) -> Column:
    return _table(said).column(name)


def _table(said: Said) -> Table:
    return _contract(said).table(CRYPTO_EVENTS)


def _contract(said: Said) -> Contract:
    return contract_at(said["contract"])
