"""Make a contract of its file: the light checks that every run can afford.

The standard's own schema, which says more and costs more, is `flows.contracts.lint`.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from flows.contracts.contract import Column, Contract, ServiceLevel, Table
from flows.contracts.document import Mapping, Sequence, custom_properties, read_document
from flows.contracts.errors import BadContract
from flows.contracts.rules import read_rules
from flows.contracts.shapes import CONTRACT, check_shape

_VERSION = "v3.1."
_TYPES = ("string", "integer", "number", "date", "timestamp", "boolean")


def read_contract(path: Path) -> Contract:
    """Return the contract of the file, read again only when the file has changed.

    Raises BadContract, one sentence with file and line, for the first thing that is wrong.
    """
    path = path.expanduser().absolute()
    try:
        stat = path.stat()
    except OSError as error:
        raise BadContract(path, None, f"cannot be read: {error.strerror}.") from None
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, _modified: int, _size: int) -> Contract:
    return contract_of(path, read_document(path))


def contract_of(path: Path, document: Mapping) -> Contract:
    """Return the contract that a document of that path holds. Raises BadContract."""
    check_standard(path, document)
    check_shape(path, document, CONTRACT)
    made = _Maker(path)
    tables = tuple(map(made.table, made.entries(document, "schema")))
    made.check_names("table", [(table.name, table.line) for table in tables])
    return Contract(
        path=path,
        id=made.text(document, "id"),
        name=str(document.get("name") or document["id"]),
        version=made.text(document, "version"),
        status=made.text(document, "status"),
        owner=_owner(document),
        tables=tables,
        service_levels=tuple(map(made.service_level, made.entries(document, "slaProperties"))),
        custom=made.custom(document),
    )


def check_standard(path: Path, document: Mapping) -> None:
    """Raise BadContract for a document that does not say that it is of the standard."""
    version = document.get("apiVersion")
    if document.get("kind") != "DataContract" or not str(version).startswith(_VERSION):
        line = document.lines.get("kind", 1)
        raise BadContract(
            path, line, "this is no contract of ODCS 3.1 (kind: DataContract, apiVersion: v3.1.0)."
        )


def _owner(document: Mapping) -> str | None:
    team = document.get("team")
    return team.get("name") if isinstance(team, Mapping) else None


class _Maker:
    def __init__(self, path: Path) -> None:
        self._path = path

    def table(self, entry: Mapping) -> Table:
        name = self.text(entry, "name")
        columns = tuple(map(self.column, self.entries(entry, "properties")))
        if not columns:
            raise BadContract(self._path, entry.line, f"the table {name} has no columns.")
        self.check_names("column", [(column.name, column.line) for column in columns])
        table = Table(
            name=name,
            physical_name=str(entry.get("physicalName") or name),
            description=str(entry.get("description") or ""),
            line=entry.line,
            columns=columns,
            rules=read_rules(self._path, entry, None),
            custom=self.custom(entry),
            custom_lines={name: line for name, _, line in custom_properties(entry)},
        )
        self.check_names("rule", [(rule.id, rule.line) for rule in table.every_rule()])
        return table

    def column(self, entry: Mapping) -> Column:
        name = self.text(entry, "name")
        kind = entry.get("logicalType")
        if kind not in _TYPES:
            line = entry.lines.get("logicalType", entry.line)
            raise BadContract(
                self._path, line, f"the column {name} has no logicalType of {', '.join(_TYPES)}."
            )
        options = entry.get("logicalTypeOptions") or Mapping()
        position = entry.get("primaryKeyPosition", 1) if entry.get("primaryKey") else None
        return Column(
            name=name,
            delivered_name=str(entry.get("physicalName") or name),
            logical_type=kind,
            physical_type=str(entry.get("physicalType") or ""),
            description=str(entry.get("description") or ""),
            line=entry.line,
            required=bool(entry.get("required")),
            unique=bool(entry.get("unique")),
            key_position=position,
            options=options,
            logic=entry.get("transformLogic"),
            rules=read_rules(self._path, entry, name),
            custom=self.custom(entry),
        )

    def service_level(self, entry: Mapping) -> ServiceLevel:
        return ServiceLevel(
            name=self.text(entry, "property"),
            value=entry.get("value"),
            unit=entry.get("unit"),
            element=entry.get("element"),
            line=entry.line,
        )

    def text(self, entry: Mapping, key: str) -> str:
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            line = entry.lines.get(key, entry.line)
            raise BadContract(self._path, line, f"{key} is missing, or no text.")
        return value

    def entries(self, holder: Mapping, key: str) -> list[Mapping]:
        """Return the mappings that a list of the file holds."""
        value: Any = holder.get(key, Sequence())
        if not isinstance(value, Sequence):
            raise BadContract(self._path, holder.lines[key], f"{key} is no list.")
        for entry, line in zip(value, value.lines if value else [], strict=True):
            if not isinstance(entry, Mapping):
                raise BadContract(self._path, line, f"an entry of {key} is no mapping.")
        return list(value)

    def custom(self, holder: Mapping) -> dict[str, Any]:
        self.entries(holder, "customProperties")
        return {name: value for name, value, _ in custom_properties(holder)}

    def check_names(self, what: str, names: list[tuple[str, int]]) -> None:
        first: dict[str, int] = {}
        for name, line in names:
            if name in first:
                raise BadContract(
                    self._path,
                    line,
                    f"the {what} {name} stands here again, first in line {first[name]}.",
                )
            first[name] = line
