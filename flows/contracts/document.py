"""Read YAML once, with the line of each entry, so that a message can say where."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.contracts.errors import BadContract

_LARGEST = 1 << 20
_DEEPEST = 40
# Of aliases within aliases, a small file could make more than memory holds.
_MOST_VALUES = 200_000
# As they are, and days as JSON has them.
_TEXTS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")
_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)(\.\d*)?([eE][-+]?\d{1,2})?", re.ASCII)


class Mapping(dict[str, Any]):
    """A mapping of the file; `line` is where it begins, `lines` where each of its keys stands."""

    line: int
    lines: dict[str, int]


class Sequence(list[Any]):
    """A list of the file; `lines` says where each of its entries begins."""

    line: int
    lines: list[int]


def read_document(path: Path) -> Mapping:
    """Return the file's mapping, plain values and nothing else within.

    Dates stay text, as JSON has it, and so do numbers that JSON does not have. Raises BadContract
    for a file that is missing, too large, no UTF-8, no YAML, or holds anything else than one
    mapping.
    """
    import yaml

    text = _text_of(path)
    loader = yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise BadContract(path, 1, "a contract is a YAML mapping, with keys like apiVersion.")
        mapping = _Reader(path, loader).value(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise BadContract(path, line, f"this is no YAML: {error.problem}.") from None
    except (yaml.YAMLError, ValueError) as error:
        raise BadContract(path, None, f"this is no YAML: {error}.") from None
    finally:
        loader.dispose()
    assert isinstance(mapping, Mapping)  # noqa: S101
    return mapping


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise BadContract(path, None, f"cannot be read: {error.strerror}.") from None
    if len(content) > _LARGEST:
        raise BadContract(path, None, "is larger than a megabyte, so it is no contract.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadContract(path, line, "is not UTF-8.") from None


def _is_odd_number(node: Any) -> bool:
    """Return whether YAML makes a number of what looks like another one, or like none.

    010 would be 8, and 12:30 be 750; .nan compares with nothing.
    """
    number = node.tag.removeprefix("tag:yaml.org,2002:") in ("int", "float")
    return number and not _NUMBER.fullmatch(node.value)


class _Reader:
    def __init__(self, path: Path, loader: Any) -> None:
        self._path = path
        self._loader = loader
        self._values = 0

    def value(self, node: Any, depth: int = 0) -> Any:
        line = node.start_mark.line + 1
        self._values += 1
        if self._values > _MOST_VALUES:
            raise BadContract(self._path, line, "holds more values than a contract can.")
        if depth > _DEEPEST:
            raise BadContract(self._path, line, "is nested too deeply, or holds itself.")
        if node.id == "mapping":
            return self._mapping(node, depth + 1)
        if node.id == "sequence":
            made = Sequence(self.value(entry, depth + 1) for entry in node.value)
            made.line, made.lines = line, [entry.start_mark.line + 1 for entry in node.value]
            return made
        if "\0" in node.value:
            raise BadContract(self._path, line, "holds a NUL, which no database takes.")
        if node.tag in _TEXTS or _is_odd_number(node):
            return node.value
        return self._loader.construct_object(node)

    def _mapping(self, node: Any, depth: int) -> Mapping:
        made = Mapping()
        made.line, made.lines = node.start_mark.line + 1, {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self.value(key_node, depth)
            if not isinstance(key, str):
                raise BadContract(self._path, line, f"the key {key_node.value} is no text.")
            if key in made:
                raise BadContract(
                    self._path, line, f"{key} stands here again, first in line {made.lines[key]}."
                )
            made[key] = self.value(value_node, depth)
            made.lines[key] = line
        return made


def custom_properties(holder: Mapping) -> Iterator[tuple[str, Any, int]]:
    """Yield each custom property of an entry: its name, its value, its line."""
    entries = holder.get("customProperties") or Sequence()
    for entry in entries:
        yield entry.get("property"), entry.get("value"), entry.line
