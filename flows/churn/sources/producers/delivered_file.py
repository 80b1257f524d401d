"""The one place where the five files are opened: as their producers write them, or plain."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from flows.churn.sources.contract import Column, SourceFile
from flows.churn.sources.producers.declared import producer_of
from flows.churn.sources.producers.mapping import Mapped, mapped_columns
from flows.churn.sources.producers.own_text import header_of, lines_of, table_in_utf8
from flows.churn.sources.reading import cells
from flows.churn.sources.reading.cells import Rule, UnknownValues
from flows.churn.sources.reading.csv_file import (
    OpenSource,
    cells_sql,
    open_source,
    text_columns,
    values_sql,
)
from flows.contracts.errors import place
from flows.contracts.producers.header import Header
from flows.contracts.producers.producer import Producer
from flows.platform.compute.duckdb import file_name, sql_literal
from flows.settings import Settings
from flows.sql_files import read_sql

# The column that decides which rows count, in the statement that reads the file.
_DECIDES = "kept_or_left_out"


@contextmanager
def open_delivered(settings: Settings, file: SourceFile, folder: Path) -> Iterator[OpenSource]:
    """Open one of the five files in a folder, as the settings say that it is written.

    Raises BadInput, naming file, line and what is wrong.
    """
    path = folder / file.file_name
    with open_written(settings, file, path, producer_of(settings, file)) as source:
        yield source


@contextmanager
def open_written(
    settings: Settings, file: SourceFile, path: Path, producer: Producer | None
) -> Iterator[OpenSource]:
    """Open a file that the producer wrote, or one with the contract's columns for None."""
    churn = settings.churn
    if producer is None:
        advice = f" Where that is how its producer writes it: kpi contract infer {path.name}."
        yield open_source(file, path, churn.date_format, churn.unknown_values, advice)
        return
    with table_in_utf8(settings, path, producer.file) as table:
        yield _mapped(file, path, table, producer, churn.date_format, churn.unknown_values)


def _mapped(
    file: SourceFile,
    path: Path,
    table: Path,
    producer: Producer,
    date_format: str,
    unknown_values: UnknownValues | None,
) -> OpenSource:
    names = header_of(table, producer.file, path.name)
    header = Header(producer, names, path.name, producer.file.skip_lines + 1)
    columns = {
        becomes: _under_its_name(header, producer, mapped)
        for becomes, mapped in mapped_columns(producer, file, date_format).items()
    }
    own = replace(file, columns=tuple(mapped.column for mapped in columns.values()))
    fields = {mapped.column.name: f"field_{becomes}" for becomes, mapped in columns.items()}
    statement = partial(
        read_sql("churn/sources/read_produced.sql").format,
        fields=", ".join(
            f"{_field(header, producer, mapped)} AS field_{becomes}"
            for becomes, mapped in columns.items()
        ),
        decides=_deciding_cell(header, producer),
        last_field=f"c{len(names) - 1}",
        field_beyond=f"c{len(names)}",
        file=file_name(table),
        columns=text_columns(len(names)),
        delimiter=sql_literal(producer.file.delimiter),
        quote=sql_literal(producer.file.quote or ""),
        cells=cells_sql(own, fields),
        values=values_sql(own, date_format),
    )
    counts, counts_not = _which_rows_count(producer)
    return OpenSource(
        own,
        path,
        _read_by_nothing(header, producer),
        fields,
        statement(row="", counts=counts),
        statement(row="row_number() OVER () AS row,", counts=counts),
        date_format,
        unknown_values,
        written_by=producer,
        lines=partial(lines_of, table, producer.file),
        row_rules=_row_rules(producer),
        left_out=statement(row="", counts=counts_not) if producer.rows else None,
    )


def _under_its_name(header: Header, producer: Producer, mapped: Mapped) -> Mapped:
    """Return the column under the name that stands in this file: in its case, for messages."""
    if mapped.constant is not None:
        return mapped
    place_ = header.position(producer.columns[mapped.column.becomes], mapped.column.becomes)
    return replace(mapped, column=replace(mapped.column, name=header.names[place_].strip()))


def _field(header: Header, producer: Producer, mapped: Mapped) -> str:
    """Return SQL for a column's field, with what the producer says that some cells mean."""
    if mapped.constant is not None:
        return sql_literal(mapped.constant)
    becomes = mapped.column.becomes
    field = f"c{header.position(producer.columns[becomes], becomes)}"
    if not mapped.meanings:
        return field
    meanings = " ".join(
        f"WHEN {sql_literal(cell)} THEN {sql_literal(text)}"
        for cell, text in mapped.meanings.items()
    )
    return f"CASE coalesce({cells.trimmed_text(field)}, '') {meanings} ELSE {field} END"


def _deciding_cell(header: Header, producer: Producer) -> str:
    if producer.rows is None:
        return "NULL"
    field = f"c{header.position(producer.rows.column, 'rows')}"
    return f"coalesce({cells.trimmed_text(field)}, '')"


def _which_rows_count(producer: Producer) -> tuple[str, str]:
    """Return SQL that is true for rows that count, and for those that are left out.

    A row with too many fields or too few counts, so that it is refused.
    """
    if producer.rows is None:
        return "true", "false"
    if not producer.rows.leave_out:
        return "true", "false"
    named = cells.is_one_of(f"cell_{_DECIDES}", producer.rows.leave_out)
    left_out = f"({named} AND NOT has_fewer_fields AND NOT has_more_fields)"
    return f"NOT {left_out}", left_out


def _row_rules(producer: Producer) -> tuple[tuple[Column, Rule], ...]:
    rows = producer.rows
    if rows is None:
        return ()
    column = Column(rows.column.header, _DECIDES, "text")
    where = place(producer.path, rows.column.line)
    known = cells.is_one_of("{cell}", (*rows.keep, *rows.leave_out))
    return ((column, Rule(f"neither kept nor left out by {where}", f"NOT {known}")),)


def _read_by_nothing(header: Header, producer: Producer) -> tuple[str, ...]:
    read = {header.position(source, name) for name, source in producer.columns.items()}
    if producer.rows:
        read.add(header.position(producer.rows.column, "rows"))
    return tuple(name for name, position in header.kept() if position not in read)
