"""Everything that is kept, searched by content: files of a home, a warehouse and its dump."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from psycopg import sql

from flows.local.postgres.server import wheel_binaries
from flows.platform.warehouse.connection import Connection

DUMP = "the dump of the warehouse"


def where(home: Path, db: Connection, user: int) -> set[str]:
    """Return the tables and files that hold the user's id, however it is written."""
    return {*tables(db, user), *files(home, user)}


def in_dump(url: str, user: int) -> set[str]:
    """Say so if what pg_dump writes of the whole warehouse holds the id, comments included."""
    pg_dump = wheel_binaries() / "pg_dump"
    dumped = subprocess.run([pg_dump, "--inserts", url], capture_output=True, check=True).stdout
    assert b"INSERT INTO dqm.schema_migrations" in dumped
    return {DUMP} if holds(dumped, user) else set()


def tables(db: Connection, user: int) -> Iterator[str]:
    """Yield the tables that hold the id."""
    every = db.execute(
        "SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n"
        " ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
        " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    ).fetchall()
    for table in every:
        name = sql.Identifier(table["nspname"], table["relname"])
        rows = db.execute(sql.SQL("SELECT t::text AS row FROM {} AS t").format(name))
        if any(holds(row["row"].encode(), user) for row in rows):
            yield f"{table['nspname']}.{table['relname']}"


def files(home: Path, user: int) -> Iterator[str]:
    """Yield the files that hold the id: as text, or in a column of a Parquet file."""
    for path in sorted(home.rglob("*")):
        if not path.is_file() or (home / "postgres") in path.parents:
            continue
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            cells = (
                str(cell)
                for name in table.column_names
                if "id" in name
                for cell in table.column(name).to_pylist()
            )
            found = str(user) in cells
        else:
            found = holds(path.read_bytes(), user)
        if found:
            yield str(path.relative_to(home))


def holds(content: bytes, user: int) -> bool:
    """Return whether the id is in the content, not as a part of another number or word."""
    # JSON writes the end of a line or cell before it as \n or \t.
    before = rb"(?:(?<![0-9A-Za-z.])|(?<=\\[nrt]))"
    return re.search(before + rb"0*%d(?![0-9A-Za-z])" % user, content) is not None
