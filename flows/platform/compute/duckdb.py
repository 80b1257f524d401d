"""DuckDB: the in-process engine, for files."""

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from flows.errors import KpiError
from flows.platform.compute.spill import spill_folder
from flows.settings import Settings
from flows.sql_files import read_sql


@contextmanager
def duckdb_connection(settings: Settings) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Yield an empty in-memory database that spills to the settings' home when memory is short.

    Raises KpiError when what is asked of it needs more memory than the settings allow.
    """
    with spill_folder(settings.home / "duckdb") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{settings.duckdb_memory_mb}MB",
            "temp_directory": str(spill),
            **({"threads": settings.duckdb_threads} if settings.duckdb_threads else {}),
        }
        with duckdb.connect(config=config) as connection:
            connection.execute(read_sql("platform/compute/what_spark_has.sql"))
            try:
                yield connection
            except duckdb.OutOfMemoryException:
                raise KpiError(
                    f"The {settings.duckdb_memory_mb} MB that DuckDB may use are too few for this: "
                    "raise KPI_DUCKDB_MEMORY_MB, or lower KPI_DUCKDB_THREADS."
                ) from None


@contextmanager
def duckdb_for_values() -> "Iterator[duckdb.DuckDBPyConnection]":
    """Yield an empty database for a few values of ours: it reads no file, and spills nowhere."""
    with duckdb.connect(config={"memory_limit": "64MB", "threads": 1}) as connection:
        yield connection


def fetch_row(connection: "duckdb.DuckDBPyConnection", name: str, **parts: str) -> tuple[Any, ...]:
    """Run `sql/<name>` with its `{parts}` filled in, and return its one row."""
    row: tuple[Any, ...] | None = connection.execute(read_sql(name).format(**parts)).fetchone()
    if row is None:
        raise KpiError(f"sql/{name} returned no row")
    return row


def write_parquet(connection: "duckdb.DuckDBPyConnection", query: str, file: Path) -> None:
    """Write the rows of a query to a Parquet file, in query order."""
    statement = read_sql("platform/compute/write_parquet.sql")
    connection.execute(statement.format(query=query, file=sql_literal(str(file))))


def parquet_rows(path: Path) -> str:
    """Return SQL for the rows of a Parquet file, or of a folder of them."""
    return f"read_parquet({file_name(path, '/*.parquet' if path.is_dir() else '')})"


def file_name(path: Path, pattern: str = "") -> str:
    """Return a file name as a SQL literal, escaped; only `pattern`, appended, acts as a glob."""
    return sql_literal(glob.escape(str(path)) + pattern)


def sql_literal(text: str) -> str:
    """Return `text` as a quoted literal for DuckDB and Spark SQL."""
    return "'" + text.replace("'", "''") + "'"
