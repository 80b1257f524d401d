"""What changed from one version of a contract to the next, and whom each change breaks."""

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from typing import Any, Literal

from flows.contracts import delivery_rules
from flows.contracts.contract import Column, Contract, Rule, Table

Broken = Literal["nobody", "producers", "readers", "producers and readers"]
# What a table says of its key is compared with the key; the names are for drafts alone.
_SAID_ELSEWHERE = {"sharedKey", "sumOf", "alsoCalled"}
_NOT_IN_FORCE = ("deprecated", "retired")
_Level = tuple[Any, str | None]
# By whether a rule refuses more than before, and whether it takes more.
_BREAKS: dict[tuple[bool, bool], Broken] = {
    (False, False): "nobody",
    (True, False): "producers",
    (False, True): "readers",
    (True, True): "producers and readers",
}


@dataclass(frozen=True)
class Change:
    """One change: what it is about, what changed, and whom that breaks.

    Producers break when what they deliver is refused from now on; readers when what they rely on no
    longer holds.
    """

    about: str
    what: str
    breaks: Broken


def changes_between(old: Contract, new: Contract) -> list[Change]:
    """Return the changes, in the order of the old file, then of what is new."""
    promised, promises = _service_levels(old), _service_levels(new)
    return [
        *_of_the_whole(old, new),
        *_pairs(old.tables, new.tables, _table, lambda table: table.name),
        *(
            Change(name, "the service level changed", _by_level(name, level, promises.get(name)))
            for name, level in promised.items()
            if promises.get(name) != level
        ),
        *(
            Change(name, "a service level more", "nobody")
            for name in promises
            if name not in promised
        ),
    ]


def breaks_without_version(old: Contract, new: Contract) -> bool:
    """Return whether a change breaks somebody although the version is no later one."""
    return not _is_later(old.version, new.version) and any(
        change.breaks != "nobody" for change in changes_between(old, new)
    )


def _is_later(old: str, new: str) -> bool:
    """Return whether a version comes after another; of words, which nobody can order, each does."""
    numbers = [re.findall(r"\d+", version) for version in (old, new)]
    if not all(numbers):
        return old != new
    before, after = ([int(number) for number in found] for found in numbers)
    return after > before


def _of_the_whole(old: Contract, new: Contract) -> Iterator[Change]:
    if old.id != new.id:
        yield Change(old.id, f"is the contract {new.id} now", "producers and readers")
    if old.status != new.status:
        breaks: Broken = "readers" if new.status in _NOT_IN_FORCE else "nobody"
        yield Change(new.id, f"was {old.status}, and is {new.status}", breaks)
    yield from _custom(new.id, old.custom, new.custom)


def _custom(about: str, old: Map[str, Any], new: Map[str, Any]) -> Iterator[Change]:
    """Yield what changed of the properties that the standard does not have."""
    for name in sorted({*old, *new} - _SAID_ELSEWHERE):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        breaks: Broken = "producers and readers"
        if name == "numberMaxLength" and before and after:
            breaks = "producers" if after < before else "readers"
        yield Change(about, f"{name} was {_shown(before)}, and is {_shown(after)}", breaks)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if value is None:
        return "nothing"
    # As a contract has it, and not as Python does.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _service_levels(contract: Contract) -> dict[str, _Level]:
    return {
        f"{level.name} of {level.element or contract.id}": (level.value, level.unit)
        for level in contract.service_levels
    }


def _by_level(name: str, old: _Level, new: _Level | None) -> Broken:
    """Return whom it breaks: less latency is asked of producers, all else promised to readers."""
    if name.startswith("latency ") and new is not None and old[1] == new[1]:
        before, after = old[0], new[0]
        if isinstance(before, int | float) and isinstance(after, int | float) and after < before:
            return "producers"
    return "readers"


def _pairs(
    old: tuple[Any, ...],
    new: tuple[Any, ...],
    compare: Callable[[Any, Any], Iterator[Change]],
    name: Callable[[Any], str],
) -> Iterator[Change]:
    later = {name(each): each for each in new}
    for each in old:
        yield from compare(each, later.pop(name(each), None))
    for each in later.values():
        yield from compare(None, each)


def _table(old: Table | None, new: Table | None) -> Iterator[Change]:
    if old is None or new is None:
        name, word, breaks = _one_of(old, new, "nobody", "producers and readers")
        yield Change(name, f"the table {word}", breaks)
        return
    if old.key != new.key:
        what = f"the key was {', '.join(old.key)}, and is {', '.join(new.key)}"
        yield Change(old.name, what, "producers and readers")
    if old.shared_key != new.shared_key:
        before, after = (_shared(table) for table in (old, new))
        what = f"of rows that share a key: was {before}, and is {after}"
        yield Change(old.name, what, "producers and readers")
    yield from _custom(old.name, old.custom, new.custom)
    yield from _pairs(old.columns, new.columns, _column, lambda column: column.name)
    yield from _pairs(tuple(old.every_rule()), tuple(new.every_rule()), _rule, lambda rule: rule.id)


def _shared(table: Table) -> str:
    choice, sums = table.shared_key
    return f"{choice} of {', '.join(map(str, sums))}" if sums else str(choice)


def _column(old: Column | None, new: Column | None) -> Iterator[Change]:
    if old is None or new is None:
        asked = new is not None and new.logic is None
        name, word, breaks = _one_of(old, new, "producers" if asked else "nobody", "readers")
        yield Change(name, f"the column {word}", breaks)
        return
    types = (old.logical_type, old.physical_type), (new.logical_type, new.physical_type)
    if types[0] != types[1]:
        before, after = (" ".join(words) for words in types)
        yield Change(old.name, f"was {before}, and is {after}", "producers and readers")
    if old.delivered_name != new.delivered_name:
        what = f"a delivery called it {old.delivered_name}, and calls it {new.delivered_name}"
        yield Change(old.name, what, "producers")
    if old.required != new.required:
        yield (
            Change(old.name, "is required now", "producers")
            if new.required
            else Change(old.name, "may be missing now", "readers")
        )
    if old.unique != new.unique:
        yield (
            Change(old.name, "is unique now", "producers")
            if new.unique
            else Change(old.name, "may repeat now", "readers")
        )
    yield from _custom(old.name, old.custom, new.custom)
    if old.options != new.options:
        what = f"was {_said(old.options)}, and is {_said(new.options)}"
        yield Change(old.name, what, "producers and readers")
    if old.logic != new.logic:
        yield Change(old.name, f"is computed as {new.logic}", "readers")


def _rule(old: Rule | None, new: Rule | None) -> Iterator[Change]:
    if old is None or new is None:
        binds = "error" in (old and old.severity, new and new.severity)
        added, removed = _BREAKS[binds, False], _BREAKS[False, binds]
        name, word, breaks = _one_of(old, new, added, removed)
        yield Change(name, f"the rule {word}", breaks)
        return
    if old.severity != new.severity:
        yield (
            Change(old.id, "refuses what it warned of", "producers")
            if new.severity == "error"
            else Change(old.id, "warns of what it refused", "readers")
        )
    if (old.kind, old.column, old.arguments) != (new.kind, new.column, new.arguments):
        change = _changed_arguments(old, new)
        # A warning refuses nothing, and promises nothing.
        yield replace(change, breaks="nobody") if "warn" in (old.severity, new.severity) else change


def _changed_arguments(old: Rule, new: Rule) -> Change:
    if old.kind == new.kind == "enum":
        before, after = old.arguments["validValues"], new.arguments["validValues"]
        gone = [value for value in before if value not in after]
        came = [value for value in after if value not in before]
        words = [f"no longer {', '.join(gone)}"] * bool(gone) + [f"also {', '.join(came)}"] * bool(
            came
        )
        breaks: Broken = (
            "producers and readers" if gone and came else "producers" if gone else "readers"
        )
        if not words:
            return Change(old.id, "names its values in another order", "nobody")
        return Change(old.id, " and ".join(words), breaks)
    what = f"was {old.kind} {_said(old.arguments)}, and is {new.kind} {_said(new.arguments)}"
    if old.kind == new.kind and old.kind in delivery_rules.KINDS and old.column == new.column:
        more_and_less = delivery_rules.asks_for_more_and_less(
            old.kind, old.arguments, new.arguments
        )
        return Change(old.id, what, _BREAKS[more_and_less])
    return Change(old.id, what, "producers and readers")


def _one_of(old: Any, new: Any, added: Broken, removed: Broken) -> tuple[str, str, Broken]:
    there = new if old is None else old
    name = getattr(there, "id", None) or there.name
    return (name, "is new", added) if old is None else (name, "is gone", removed)


def _said(options: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in options.items()) or "without limits"
