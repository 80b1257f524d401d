"""A producer as data: how its files are written, and which of their columns mean what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from flows.contracts.contract import Table

Others = Literal["refuse", "keep", "ignore"]


@dataclass(frozen=True)
class FileFormat:
    """How a file is written. `date_format` is None when no column is read as a date.

    `quote` is None for files without quotes, `thousands_sign` is empty when there is none.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str | None = '"'
    skip_lines: int = 0
    decimal_sign: str = "."
    thousands_sign: str = ""
    date_format: str | None = None


@dataclass(frozen=True)
class Source:
    """A column of the file that is read as a column of the contract, and the line that says so."""

    header: str
    line: int


@dataclass(frozen=True)
class RowFilter:
    """Which rows of the file are the contract's, by the cells of one column."""

    column: Source
    keep: tuple[str, ...]
    leave_out: tuple[str, ...]


@dataclass(frozen=True)
class Producer:
    """One file under contracts/producers.

    Each delivered column of `table` is in `columns` or in `constants`. `values` says by column of
    the contract which cells mean something else than what they say.
    """

    name: str
    path: Path
    table: Table
    file: FileFormat
    columns: Mapping[str, Source]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rows: RowFilter | None = None
    keep: tuple[Source, ...] = ()
    ignore: tuple[Source, ...] = ()
    others: Others = "refuse"
