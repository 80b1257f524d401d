"""Read the quality entries of a contract: which rule each is, and whether it says all it must.

The standard's metrics are rules by their names here: `nullValues` is `required`, `invalidValues`
with `validValues` is `enum` and with `pattern` is `pattern`, `duplicateValues` is `unique`, and a
percentage of `nullValues` or `missingValues` is `missingShare`; `rowCount` keeps its name. All
others are `type: custom`, `engine: kpi`, and name themselves in `implementation: {rule: …}`.
"""

from pathlib import Path
from typing import Any

from flows.contracts import delivery_rules
from flows.contracts.contract import Rule
from flows.contracts.document import Mapping, custom_properties
from flows.contracts.errors import BadContract
from flows.contracts.shapes import TEXT, TEXTS, WHOLE

ENGINE = "kpi"
# Each rule by its name, with the arguments that it must and may have.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "required": ((), ()),
    "enum": (("validValues",), ()),
    "pattern": (("pattern",), ()),
    "unique": ((), ("properties",)),
    "readable": ((), ("firstYear", "lastYear")),
    "bounds": ((), ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")),
    "digits": ((), ("beforePoint", "afterPoint")),
    "noPlaceholder": (("days",), ()),
    "compare": (("operator", "column"), ()),
    "reference": (("table", "column"), ()),
    "sql": (("holds",), ()),
    **delivery_rules.KINDS,
}
_METRICS = {"nullValues": "required", "invalidValues": "enum", "duplicateValues": "unique"}
_SHAPES = {
    **dict.fromkeys(("pattern", "column", "table", "holds"), TEXT),
    **dict.fromkeys(("firstYear", "lastYear"), WHOLE),
    **dict.fromkeys(("validValues", "days"), TEXTS),
}
_YEARS = (1, 9999)
_BLANKS = " \t\u00a0"
_OPERATORS = ("<", "<=", ">", ">=", "=", "<>")
_SEVERITIES = ("error", "warn")


def read_rules(path: Path, holder: Mapping, column: str | None) -> tuple[Rule, ...]:
    """Return the rules of a table or column. Raises BadContract for the first that is none.

    Entries for other tools (`text`, `sql`, `custom` with another engine) are not ours, and left
    out; nothing else is dropped without a word.
    """
    entries = holder.get("quality") or []
    read = (_rule(path, entry, column) for entry in entries)
    return tuple(rule for rule in read if rule is not None)


def _rule(path: Path, entry: Any, column: str | None) -> Rule | None:
    if not isinstance(entry, Mapping):
        raise BadContract(path, None, "an entry of quality is no mapping.")
    found = _kind_and_arguments(path, entry)
    if found is None:
        return None
    kind, arguments = found
    name = entry.get("id")
    if not isinstance(name, str) or not name:
        raise BadContract(path, entry.line, "a rule needs an id: it is the reason of a reject.")
    _check_arguments(path, entry, name, kind, arguments)
    severity = entry.get("severity", "error")
    if severity not in _SEVERITIES:
        raise BadContract(
            path, entry.lines["severity"], f"severity of {name} is {' or '.join(_SEVERITIES)}."
        )
    properties = list(custom_properties(entry))
    custom = {key: value for key, value, _ in properties}
    lines = {key: line for key, _, line in properties}
    return Rule(
        id=name,
        kind=kind,
        description=str(entry.get("description") or ""),
        column=column,
        line=entry.line,
        arguments=arguments,
        dimension=entry.get("dimension"),
        severity=severity,
        settings=tuple(custom.get("settings") or ()),
        good=custom.get("goodValue"),
        bad=custom.get("badValue"),
        good_line=lines.get("goodValue"),
        bad_line=lines.get("badValue"),
    )


def _kind_and_arguments(path: Path, entry: Mapping) -> tuple[str, dict[str, Any]] | None:
    metric, arguments = entry.get("metric"), _given(entry.get("arguments") or {})
    if metric in ("invalidValues", "duplicateValues"):
        _check_limit(path, entry)
    if metric in ("nullValues", "missingValues") and delivery_rules.is_share(entry):
        return "missingShare", delivery_rules.share_arguments(path, entry.line, entry)
    if metric == "rowCount":
        return metric, delivery_rules.count_arguments(path, entry.line, entry)
    if metric in _METRICS:
        by_pattern = metric == "invalidValues" and "pattern" in arguments
        return "pattern" if by_pattern else _METRICS[metric], arguments
    if _is_for_others(entry):
        return None
    if entry.get("type") != "custom" or entry.get("engine") != ENGINE:
        raise BadContract(
            path,
            entry.line,
            f"this rule is not checked here: {_said(entry)}. Rules of ours are type: custom, "
            f"engine: {ENGINE}; for other tools, there are type: text, type: sql, and other "
            "engines.",
        )
    implementation = entry.get("implementation")
    named = implementation.get("rule") if isinstance(implementation, Mapping) else None
    if not isinstance(named, str) or named not in KINDS:
        line = entry.lines.get("implementation", entry.line)
        raise BadContract(path, line, f"{named!r} is no rule; rules are {', '.join(KINDS)}.")
    return named, {k: v for k, v in _given(implementation).items() if k != "rule"}


def _is_for_others(entry: Mapping) -> bool:
    """Return whether another tool is meant; KPI is ours, in letters that nothing would find."""
    engine = entry.get("engine")
    other = isinstance(engine, str) and engine.lower() != ENGINE
    return entry.get("metric") is None and (
        entry.get("type") in ("sql", "text") or (entry.get("type") == "custom" and other)
    )


def _said(entry: Mapping) -> str:
    keys = ("type", "engine", "metric")
    return ", ".join(f"{key} {entry[key]}" for key in keys if entry.get(key)) or "it has no metric"


def _check_limit(path: Path, entry: Mapping) -> None:
    """Refuse limits that nobody keeps: each row that breaks the rule is set aside."""
    limits = {name: value for name, value in entry.items() if name.startswith("must")}
    if limits != {"mustBe": 0} or entry.get("unit") == "percent":
        said = ", ".join(f"{name}: {value}" for name, value in limits.items()) or "no limit"
        raise BadContract(
            path,
            entry.line,
            f"{entry['metric']} is kept as `mustBe: 0` alone, of each row: {said}"
            f"{', unit: percent' if entry.get('unit') == 'percent' else ''} is not checked here.",
        )


def _given(arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def _check_arguments(
    path: Path, entry: Mapping, name: str, kind: str, arguments: dict[str, Any]
) -> None:
    needed, possible = KINDS[kind]
    for argument in needed:
        if argument not in arguments:
            raise BadContract(path, entry.line, f"the rule {name} ({kind}) needs {argument}.")
    for argument in arguments:
        if argument not in (*needed, *possible):
            raise BadContract(
                path, entry.line, f"the rule {name} ({kind}) has no argument {argument}."
            )
    if arguments.get("operator", "=") not in _OPERATORS:
        raise BadContract(
            path, entry.line, f"operator of the rule {name} is one of {', '.join(_OPERATORS)}."
        )
    for argument, given in arguments.items():
        if argument in _SHAPES and not _SHAPES[argument].fits(given):
            words = _SHAPES[argument].words
            raise BadContract(path, entry.line, f"{argument} of the rule {name} is no {words}.")
    _check_values(path, entry, name, arguments)
    delivery_rules.check_arguments(path, entry.line, name, kind, arguments)


def _check_values(path: Path, entry: Mapping, name: str, arguments: dict[str, Any]) -> None:
    """Refuse arguments by which no row could pass."""
    if arguments.get("validValues") == []:
        raise BadContract(path, entry.line, f"the rule {name} has no validValues.")
    for value in arguments.get("validValues", ()):
        if not value or value != value.strip(_BLANKS):
            raise BadContract(
                path,
                entry.line,
                f"no cell is {value!r}, which the rule {name} lists: a blank cell is missing, and "
                "blanks around a cell are taken away.",
            )
    years = [arguments.get("firstYear", _YEARS[0]), arguments.get("lastYear", _YEARS[1])]
    if not _YEARS[0] <= years[0] <= years[1] <= _YEARS[1]:
        raise BadContract(
            path,
            entry.line,
            f"the rule {name} goes from {years[0]} to {years[1]}: no date is of such a year.",
        )
