"""Rows of a producer's file, read into the columns of the contract."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flows.contracts.contract import Column
from flows.contracts.errors import place
from flows.contracts.producers.cells import Reader, date_reader, number_reader
from flows.contracts.producers.header import Header
from flows.contracts.producers.producer import Producer
from flows.errors import BadInput
from flows.values import value


@dataclass(frozen=True)
class ReadRow:
    """A row in the contract's columns, in their order, and the same row as it arrived.

    `delivered` has each cell that the producer's file does not ignore, by its column's name.
    """

    cells: list[str]
    delivered: dict[str, str]


class RowReader:
    """Reads the rows of one file, whose header it has checked."""

    def __init__(
        self,
        producer: Producer,
        header: Sequence[str],
        name: str,
        line: int,
        write_date: Callable[[date], str],
    ) -> None:
        """Check the header, in `line` of the file `name`; `write_date` writes the contract's dates.

        Raises BadInput when a column is missing, repeated, or unknown and to be refused.
        """
        self._producer = producer
        self._name = name
        self._header = Header(producer, header, name, line)
        self._parts = [self._part(column, write_date) for column in producer.table.delivered]
        self._filter = (
            self._header.position(producer.rows.column, "rows") if producer.rows else None
        )
        self._kept = self._header.kept()

    @property
    def columns(self) -> tuple[str, ...]:
        """The contract's columns, in the order of a row's cells."""
        return tuple(column.name for column in self._producer.table.delivered)

    def read(self, row: Sequence[str], line: int) -> ReadRow | None:
        """Return the row, or None when it is none of the contract's.

        Raises BadInput when the producer's file does not say whether it is.
        """
        if self._filter is not None and not self._is_wanted(row[self._filter], line):
            return None
        cells = []
        for part, meant, reader in self._parts:
            if isinstance(part, str):
                cells.append(part)
            else:
                cell = row[part]
                known = meant.get(cell.strip()) if meant else None
                cells.append(reader(cell) if known is None else known)
        return ReadRow(cells, {name: row[position] for name, position in self._kept})

    def _is_wanted(self, cell: str, line: int) -> bool:
        rows = self._producer.rows
        assert rows is not None  # noqa: S101
        if cell.strip() in rows.keep:
            return True
        if cell.strip() in rows.leave_out:
            return False
        raise BadInput(
            f"{self._name}, line {line}: {place(self._producer.path, rows.column.line)}, says not "
            f"whether to keep or to leave out rows with this {rows.column.header}"
            f"{value(f' ({cell!r})')}."
        )

    def _part(
        self, column: Column, write_date: Callable[[date], str]
    ) -> tuple[int | str, dict[str, str], Reader]:
        producer = self._producer
        if column.name in producer.constants:
            return producer.constants[column.name], {}, _as_it_is
        position = self._header.position(producer.columns[column.name], column.name)
        meant = dict(producer.values.get(column.name, {}))
        return position, meant, _reader(producer, column, write_date)


def _as_it_is(cell: str) -> str:
    return cell


def _reader(producer: Producer, column: Column, write_date: Callable[[date], str]) -> Reader:
    file = producer.file
    if column.logical_type == "date" and file.date_format:
        return date_reader(file.date_format, write_date)
    if column.logical_type in ("integer", "number") and (
        file.decimal_sign,
        file.thousands_sign,
    ) != (
        ".",
        "",
    ):
        return number_reader(file.decimal_sign, file.thousands_sign)
    return _as_it_is
