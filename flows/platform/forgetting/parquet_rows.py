"""A Parquet file without the rows of some people."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.errors import KpiError, first_line
from flows.platform.forgetting.people import People
from flows.platform.storage.atomic_files import replacing

# Who a row is about, in our names and in those of the source files; and who else is named in it.
WHOSE = ("user_id", "CUS_CUST_ID_BUY")
NAMED = ("seller_id", "CUS_CUST_ID_SEL")


@dataclass(frozen=True)
class Rows:
    """How many rows were theirs, and how many rows of others named one of them."""

    deleted: int = 0
    made_nameless: int = 0


def without_people(path: Path, people: People, *, dry_run: bool = False) -> Rows:
    """Delete their rows, and their id where they are named in rows of others.

    A dry run only counts. A file without them stays as it is. Raises KpiError when the file cannot
    be read.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            cells = {
                name: set(people.among(_texts(file, name)))
                for name in (*WHOSE, *NAMED)
                if name in file.schema_arrow.names
            }
            if not any(cells.values()):
                return Rows()
            if dry_run:
                return _sum(rows for _, rows in _groups(file, cells))
            with (
                replacing(path, as_old=True) as temporary,
                parquet.ParquetWriter(temporary, file.schema_arrow) as writer,
            ):
                found = []
                for table, rows in _groups(file, cells):
                    writer.write_table(table)
                    found.append(rows)
    except (pyarrow.ArrowException, OSError) as error:
        raise KpiError(f"{path} cannot be searched: {first_line(error)}") from error
    # Spark's checksum of what the file held; it reads files without one.
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
    return _sum(found)


def _texts(file: Any, name: str) -> Iterator[str | None]:
    for group in range(file.num_row_groups):
        for cell in file.read_row_group(group, columns=[name]).column(name).unique().to_pylist():
            yield None if cell is None else str(cell)


def _groups(file: Any, cells: dict[str, set[str]]) -> Iterator[tuple[Any, Rows]]:
    """Yield the file's rows without them, a part at a time, and what was taken out."""
    from pyarrow import compute, scalar

    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        before, nameless = len(table), 0
        for name in WHOSE:
            if cells.get(name):
                table = table.filter(compute.invert(_is_theirs(table, name, cells)))
        deleted = before - len(table)
        for name in NAMED:
            if cells.get(name):
                theirs, column = _is_theirs(table, name, cells), table.column(name)
                hidden = compute.if_else(theirs, scalar(None, column.type), column)
                at = table.schema.get_field_index(name)
                table = table.set_column(at, table.schema.field(at), hidden)
                nameless += compute.sum(theirs).as_py() or 0
        yield table, Rows(deleted, nameless)


def _is_theirs(table: Any, name: str, cells: dict[str, set[str]]) -> Any:
    from pyarrow import array, compute, string

    texts = compute.cast(table.column(name), string())
    return compute.is_in(texts, value_set=array(sorted(cells[name]), string()))


def _sum(parts: "Iterator[Rows] | list[Rows]") -> Rows:
    every = list(parts)
    return Rows(sum(rows.deleted for rows in every), sum(rows.made_nameless for rows in every))
