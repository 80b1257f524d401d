"""Whether a contract fits crypto events: the warehouse's columns, and what its rules need."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from flows.contracts import delivery_rules
from flows.contracts.contract import Column, Rule, Table
from flows.contracts.errors import BadContract
from flows.crypto_events.rule_kinds import BOUNDS, MOST_DIGITS

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
# The rule of the key, and the reason of rows that share it.
KEY_RULE = "duplicate_candidate"
# What the suite checks beside the contract's rules, by id.
WINDOW_IS_EMPTY = "window_is_empty"
COLUMNS_EXIST = "columns"
_TAKEN = {
    KEY_RULE: "the reason of rows that share the key",
    WINDOW_IS_EMPTY: "the check that a run's window has rows",
    COLUMNS_EXIST: "the check that a raw row has its columns",
}
_YEARS = ("firstYear", "lastYear")
_ONCE = ("readable", "noPlaceholder")
# What may become of rows that share a key, and what can be added up.
SHARED = ("refuse", "newest", "sum")
SUMMED = ("purchase_units",)
# What every key has, and why.
_IN_EVERY_KEY = {
    "purchase_date": "the published table has a partition per month of it",
    "user_id": "what changed is looked at again by day and user",
}

_COMPARABLE = (*RAW_COLUMNS, "latest_date")
_COMPARED = {"TEXT": "text", "BIGINT": "number", "NUMERIC": "number", "DATE": "date"}
_FITTING = {
    "readable": ("integer", "number", "date"),
    "noPlaceholder": ("date",),
    "enum": ("string",),
    "pattern": ("string",),
    "bounds": ("integer", "number", "date"),
    "digits": ("number",),
}


def check_table(path: Path, table: Table) -> None:
    """Raise BadContract for a table whose columns, key or rules are not those of the warehouse."""
    for column in table.columns:
        _check_column(path, column)
        _check_once(path, column)
    named = {column.name for column in table.columns}
    if missing := [name for name in (*_TYPES, *_COMPUTED) if name not in named]:
        raise BadContract(path, table.line, f"the table has no column {', '.join(missing)}.")
    _check_key(path, table)
    _check_shared_key(path, table)
    _check_ids(path, table)
    for rule in table.rules:
        if rule.kind in delivery_rules.OF_TABLES:
            continue
        if rule.kind == "unique":
            _check_key_rule(path, rule)
        named = set(rule.arguments.get("properties", ()))
        if not (rule.kind == "sql" or (rule.kind == "unique" and named == set(table.key))):
            raise BadContract(
                path,
                rule.line,
                f"the rule {rule.id} ({rule.kind}) is about the whole table, which is checked for "
                "its key being unique, by SQL of your own (sql), and by "
                f"{' and '.join(delivery_rules.OF_TABLES)}.",
            )


def _check_ids(path: Path, table: Table) -> None:
    """Refuse an id that means something else: a reject or a failed check could be of either."""
    for rule in table.every_rule():
        if rule.id in _TAKEN and rule.kind != "unique":
            raise BadContract(
                path, rule.line, f"no rule is called {rule.id}: {_TAKEN[rule.id]} is."
            )


def _check_once(path: Path, column: Column) -> None:
    """Refuse a second rule of a kind of which only one can count for a column."""
    kinds: dict[str, str] = {}
    for rule in column.rules:
        first = kinds.setdefault(rule.kind, rule.id)
        if rule.kind in _ONCE and first != rule.id:
            raise BadContract(
                path,
                rule.line,
                f"{column.name} has the rule {first} ({rule.kind}), so {rule.id} is not checked.",
            )


def _check_key_rule(path: Path, rule: Rule) -> None:
    if rule.severity == "warn":
        problem = "is about the key, of which no two rows can be published: severity is error"
    elif rule.id != KEY_RULE:
        problem = f"is about the key, and reasons of rejects call that {KEY_RULE}: so is its id"
    else:
        return
    raise BadContract(path, rule.line, f"the rule {rule.id} (unique) {problem}.")


def _check_key(path: Path, table: Table) -> None:
    positions = {column.key_position for column in table.columns if column.name in table.key}
    if len(positions) < len(table.key):
        raise BadContract(
            path, table.line, "two columns have the same primaryKeyPosition in the key."
        )
    for name, why in _IN_EVERY_KEY.items():
        if name not in table.key:
            line = table.column(name).line
            raise BadContract(path, line, f"{name} has to be in the primary key: {why}.")
    for name in table.key:
        if name in _COMPUTED:
            line = table.column(name).line
            raise BadContract(path, line, f"{name} is computed, so it cannot be in the key.")


def _check_shared_key(path: Path, table: Table) -> None:
    choice, sums = table.custom.get("sharedKey", "refuse"), table.custom.get("sumOf")
    if choice not in SHARED:
        name, problem = "sharedKey", f"sharedKey is {choice}, but there are {', '.join(SHARED)}"
    elif choice != "sum" and sums is not None:
        name, problem = "sumOf", "sumOf says what is added up, which only sharedKey: sum does"
    elif choice == "sum" and not (isinstance(sums, list) and sums):
        name, problem = "sharedKey", "sharedKey: sum needs sumOf, the list of columns to add up"
    elif choice == "sum" and sums != list(SUMMED):
        said = f"sumOf is {', '.join(map(str, sums or ()))}, but only {', '.join(SUMMED)}"
        why = "a price is of one unit, and the value is computed"
        name, problem = "sumOf", f"{said} can be added up: {why}"
    elif added := [column for column in sums or () if column in table.key]:
        name, problem = "sumOf", f"{added[0]} is in the key, so it cannot be added up"
    else:
        return
    raise BadContract(path, table.custom_lines.get(name, table.line), f"{problem}.")


def misfit(kind: str, column: Column, arguments: Mapping[str, Any]) -> str | None:
    """Return why a column cannot have a rule of this kind with these arguments, or None."""
    if kind == "unique":
        return "is about one column, but only the key of the table is unique"
    if column.logical_type not in _FITTING.get(kind, (column.logical_type,)):
        types = " or ".join(_FITTING[kind])
        return f"({kind}) is for columns of type {types}, which {column.name} is not"
    return _unfit_arguments(kind, column, arguments)


def _unfit_arguments(kind: str, column: Column, arguments: Mapping[str, Any]) -> str | None:
    match kind:
        case "readable" if column.logical_type != "date" and {*arguments} & {*_YEARS}:
            return f"has years, which {column.name} has not"
        case "bounds":
            return _unfit_bounds(column, [arguments[name] for name in BOUNDS if name in arguments])
        case "digits":
            digits = list(arguments.values())
            whole = all(type(n) is int and 0 <= n <= MOST_DIGITS for n in digits)
            if not digits or not whole or arguments.get("beforePoint", 1) < 1:
                return f"needs beforePoint from 1 or afterPoint, whole numbers up to {MOST_DIGITS}"
        case "compare":
            return _unfit_comparison(column, arguments["column"])
    return None


def _unfit_comparison(column: Column, other: str) -> str | None:
    if other not in _COMPARABLE or other == column.name:
        others = [name for name in _COMPARABLE if name != column.name]
        return f"compares with {other}, but there are {', '.join(others)}"
    kinds = [_COMPARED[_TYPES.get(name, "DATE")] for name in (column.name, other)]
    if kinds[0] != kinds[1]:
        return f"compares {column.name}, a {kinds[0]}, with {other}, a {kinds[1]}"
    return None


def _unfit_bounds(column: Column, bounds: list[Any]) -> str | None:
    if not bounds:
        return f"has no bounds, and {column.name} has none in logicalTypeOptions"
    if column.logical_type == "date":
        return None if all(map(_is_day, bounds)) else "has a bound that is no day like 2009-01-31"
    return (
        None if all(isinstance(b, int | float) for b in bounds) else "has a bound that is no number"
    )


def _is_day(bound: object) -> bool:
    try:
        return bool(date.fromisoformat(str(bound)))
    except ValueError:
        return False


def _check_column(path: Path, column: Column) -> None:
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
    if column.unique:
        raise BadContract(
            path,
            column.line,
            f"unique of {column.name} is not checked here: what is unique is the primary key.",
        )
    if column.delivered_name != column.name:
        raise BadContract(
            path,
            column.line,
            f"a delivery calls {column.name} so, and not {column.delivered_name}: other names are "
            "a producer's (kpi contract infer).",
        )
    if (column.physical_type, column.logic) != expected:
        said = " ".join(filter(None, expected))
        raise BadContract(path, column.line, f"the warehouse's {column.name} is {said}.")
