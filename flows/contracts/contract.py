"""A contract as data: tables, their columns, and the rules for both.

What the standard calls a schema object is a table here, and its property a column.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from flows.contracts.errors import BadContract

LogicalType = Literal["string", "integer", "number", "date", "timestamp", "boolean"]
Severity = Literal["error", "warn"]


@dataclass(frozen=True)
class Rule:
    """One quality entry: which rule it is, with which arguments, for a column or for all of them.

    `kind` is one of `flows.contracts.read.KINDS`. `settings` are environment variables that
    override an argument. `good` and `bad` are cells as they are delivered, with their lines (see
    flows/contracts/examples.py). `column` is None for a rule about several columns, or about the
    delivery as a whole.
    """

    id: str
    kind: str
    description: str
    column: str | None
    line: int
    arguments: Mapping[str, Any] = field(default_factory=dict)
    dimension: str | None = None
    severity: Severity = "error"
    settings: tuple[str, ...] = ()
    good: Any = None
    bad: Any = None
    good_line: int | None = None
    bad_line: int | None = None


@dataclass(frozen=True)
class Column:
    """One property: `name` in the published table, `delivered_name` in a delivery.

    `options` are the standard's logicalTypeOptions (format, minimum, …), `custom` the custom
    properties; `logic` is how a column that no delivery has is computed.
    """

    name: str
    delivered_name: str
    logical_type: LogicalType
    physical_type: str
    description: str
    line: int
    required: bool = False
    unique: bool = False
    key_position: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    logic: str | None = None
    rules: tuple[Rule, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """One schema object; `rules` are those about several columns or the delivery as a whole.

    `custom` are its custom properties, and `custom_lines` where each stands.
    """

    name: str
    physical_name: str
    description: str
    line: int
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    custom_lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key, in its order."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(column.name for column in sorted(keyed, key=lambda c: c.key_position or 0))

    @property
    def shared_key(self) -> tuple[Any, tuple[Any, ...]]:
        """What becomes of rows that share a key, and the columns that are added up, as declared."""
        return self.custom.get("sharedKey", "refuse"), tuple(self.custom.get("sumOf") or ())

    @property
    def delivered(self) -> tuple[Column, ...]:
        """The columns that a delivery has: all but those that are computed."""
        return tuple(column for column in self.columns if column.logic is None)

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError when there is none."""
        found = next((column for column in self.columns if column.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def every_rule(self) -> Iterator[Rule]:
        """Yield each rule, those of columns first, in the order of the file."""
        for column in self.columns:
            yield from column.rules
        yield from self.rules


@dataclass(frozen=True)
class ServiceLevel:
    """One of the promises about the data as a whole, such as freshness."""

    name: str
    value: Any
    unit: str | None
    element: str | None
    line: int


@dataclass(frozen=True)
class Contract:
    """The file as a whole; `custom` are its custom properties, as the file has them, with lines."""

    path: Path
    id: str
    name: str
    version: str
    status: str
    owner: str | None
    tables: tuple[Table, ...]
    service_levels: tuple[ServiceLevel, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """Return the table of that name. Raises BadContract when the file has none."""
        found = next((table for table in self.tables if table.name == name), None)
        if found is None:
            raise BadContract(self.path, None, f"the contract has no table {name}.")
        return found

    def service_level(self, name: str, element: str | None = None) -> ServiceLevel | None:
        """Return the first service level of that name, for the element when one is given."""
        return next(
            (
                level
                for level in self.service_levels
                if level.name == name and element in (None, level.element)
            ),
            None,
        )
