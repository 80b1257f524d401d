"""A producer's own file, opened as a delivery: its rows in the contract's columns."""

import codecs
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOBase
from pathlib import Path

from flows.contracts.errors import BadContract
from flows.contracts.producers.producer import Producer
from flows.contracts.producers.read import line_of
from flows.contracts.producers.rows import RowReader
from flows.crypto_events.calendar import date_forms
from flows.crypto_events.landing.delivery import (
    PIECE,
    Delivery,
    check_encoding,
    check_mark,
    checked_rows,
    csv_rows,
    open_text,
)
from flows.crypto_events.landing.delivery_lines import DeliveryLines
from flows.errors import BadInput
from flows.platform.forgetting.people import People
from flows.settings.contracted import CRYPTO_EVENTS


@contextmanager
def open_producers_delivery(path: Path, producer: Producer, date_format: str) -> Iterator[Delivery]:
    """Check the file as a whole, and yield it for one pass over its rows.

    `date_format` is the contract's. Two columns more than the contract's say whose row it is, and
    how it arrived. Raises BadInput when the file is not as the producer's file says.
    """
    if producer.table.name != CRYPTO_EVENTS:
        raise BadContract(
            producer.path,
            line_of(producer, "table"),
            f"this producer writes {producer.table.name}, and not crypto transactions. Name it in "
            "KPI_CHURN__PRODUCERS.",
        )
    form = producer.file
    utf8 = codecs.lookup(form.encoding).name == "utf-8"
    encoding = "utf-8-sig" if utf8 else form.encoding
    with open_text(path, encoding) as file:
        check_mark(file, path, encoding)
        check_encoding(file, path)
        _skip_lines(file, form.skip_lines, path.name)
        lines = DeliveryLines(file, PIECE)
        lines.taken = form.skip_lines
        rows = csv_rows(lines, path.name, form.delimiter, form.quote)
        line, header = next(rows, (form.skip_lines + 1, []))
        reader = RowReader(
            producer, header, path.name, line, lambda day: date_forms(date_format, day)[0]
        )
        read = _Rows(producer, reader, checked_rows(rows, path.name, len(header)))
        yield Delivery(
            path.name,
            (*reader.columns, "producer", "delivered"),
            iter(()),
            iter(read),
            file.buffer.tell,
            lambda: read.left_out,
            producer.name,
        )


def without_people(delivered: str, people: People) -> str:
    """Return a row as it arrived without the cells that mean one of them."""
    cells: dict[str, str] = json.loads(delivered)
    kept = {name: "" if people.has(cell) else cell for name, cell in cells.items()}
    return json.dumps(kept, ensure_ascii=False)


class _Rows:
    def __init__(
        self, producer: Producer, reader: RowReader, rows: Iterator[tuple[int, list[str]]]
    ) -> None:
        self.left_out = 0
        self._producer = producer
        self._reader = reader
        self._rows = rows

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for line, row in self._rows:
            read = self._reader.read(row, line)
            if read is None:
                self.left_out += 1
            else:
                delivered = json.dumps(read.delivered, ensure_ascii=False)
                yield line, [*read.cells, self._producer.name, delivered]


def _skip_lines(file: TextIOBase, count: int, name: str) -> None:
    for number in range(count):
        if not file.readline():
            raise BadInput(f"{name} has {number} lines, but {count} are to be skipped.")
