"""What type each value of a contract or a producer's file has: one place says it, before any use.

A shape is a `Value`, a mapping of shapes by key (other keys may be there), or a list of the one
shape that each entry has. A key without a value is one that is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.contracts.document import Mapping, Sequence
from flows.contracts.errors import BadContract


@dataclass(frozen=True)
class Value:
    """A plain value: whether something is one, and what it would have to be."""

    fits: Callable[[Any], bool]
    words: str


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_cell(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


TEXT = Value(_is_text, "text")
TEXTS = Value(_list_of(_is_text), "list of texts")
FLAG = Value(lambda value: isinstance(value, bool), "true or false")
WHOLE = Value(_is_whole, "whole number")
CELLS = Value(_list_of(_is_cell), "list of cells (true, false, yes and no in quotes)")
COLUMNS = Value(_list_of(_is_cell), "list of columns")
LENGTH = Value(lambda value: _is_whole(value) and 1 <= value <= _LONGEST, "whole number to 1000")
_LONGEST = 1000

# Custom properties by their names: what the standard has no word for.
_CUSTOM: dict[str, Value] = {
    **dict.fromkeys(("settings", "sumOf", "alsoCalled", "wordsForNothing", "fixedWords"), TEXTS),
    "newestDay": TEXT,
    "describesUsers": FLAG,
    "numberMaxLength": LENGTH,
}
_OWN = {"customProperties": [{"property": TEXT}]}
_RULE = {
    **dict.fromkeys(("id", "metric", "type", "engine", "dimension", "severity", "unit"), TEXT),
    "arguments": {"properties": TEXTS},
    **_OWN,
}
_COLUMN = {
    **dict.fromkeys(("name", "physicalName", "physicalType", "transformLogic"), TEXT),
    **dict.fromkeys(("required", "unique", "primaryKey"), FLAG),
    "primaryKeyPosition": WHOLE,
    "logicalTypeOptions": {"format": TEXT},
    "quality": [_RULE],
    **_OWN,
}
_TABLE = {
    **dict.fromkeys(("name", "physicalName"), TEXT),
    "properties": [_COLUMN],
    "quality": [_RULE],
    **_OWN,
}
CONTRACT: dict[str, Any] = {
    **dict.fromkeys(("id", "name", "version", "status"), TEXT),
    "schema": [_TABLE],
    "slaProperties": [dict.fromkeys(("property", "unit", "element"), TEXT)],
    **_OWN,
}
PRODUCER: dict[str, Any] = {
    **dict.fromkeys(("kind", "contract", "table"), TEXT),
    "file": {"encoding": TEXT, "dateFormat": TEXT},
    "columns": {},
    "constants": {},
    "values": {},
    "rows": {"column": TEXT, "keep": CELLS, "leaveOut": CELLS},
    "keep": COLUMNS,
    "ignore": COLUMNS,
    "others": TEXT,
}


def check_shape(path: Path, entry: Mapping, shape: dict[str, Any]) -> None:
    """Raise BadContract for the first value of the entry that has another shape."""
    for key, inner in shape.items():
        if entry.get(key) is not None:
            _check(path, key, entry[key], entry.lines[key], inner)
    if "customProperties" in shape:
        for own in entry.get("customProperties") or ():
            name, value = own.get("property"), _CUSTOM.get(own.get("property"))
            if value and not value.fits(own.get("value")):
                line = own.lines.get("value", own.line)
                raise BadContract(path, line, f"{name} is no {value.words}.")


def _check(path: Path, key: str, found: Any, line: int, shape: Any) -> None:
    if isinstance(shape, Value):
        if not shape.fits(found):
            raise BadContract(path, line, f"{key} is no {shape.words}.")
    elif isinstance(shape, dict):
        if not isinstance(found, Mapping):
            raise BadContract(path, line, f"{key} is no mapping.")
        check_shape(path, found, shape)
    elif not isinstance(found, Sequence):
        raise BadContract(path, line, f"{key} is no list.")
    else:
        for entry, at in zip(found, found.lines if found else (), strict=True):
            _check(path, f"an entry of {key}", entry, at, shape[0])
