"""What runs the feature queries: DuckDB in this process, or Spark."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb

from flows.platform.compute.duckdb import (
    duckdb_connection,
    file_name,
    parquet_rows,
    write_parquet,
)
from flows.platform.compute.shared import Shared, shared_storage
from flows.platform.compute.spark import spark_session
from flows.platform.storage.atomic_files import replacing
from flows.settings import Settings
from flows.sql_files import read_sql

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


RowsOf = Callable[[Path], str]

# Few enough that what DuckDB joins and sorts at once stays small beside what the process holds.
_USERS_AT_ONCE = 250_000
_MOST_PARTS = 8  # each reads the payments anew


class Engine(Protocol):
    """Names Parquet files in SQL, and writes the result of a query."""

    def rows_of(self, parquet: Path) -> str:
        """Return SQL for the rows of a Parquet file, or of a folder of them."""
        ...

    def write(self, query: str, folder: Path) -> None:
        """Write the query's rows, in their order, as Parquet files into a new folder."""
        ...

    def write_users(
        self, query: Callable[[RowsOf], str], about_users: Sequence[Path], folder: Path
    ) -> None:
        """Write a query's rows, one per user in the order of ids, like `write`, in less memory.

        `query` makes it of what names a file, whose rows may then be those of some users. Who is
        described is in one of the files `about_users`; every file has a column user_id.
        """
        ...


def churn_spark(settings: Settings, users: int | None = None) -> "SparkSession":
    """Return the Spark session of a churn run, sized for this many users; None: for many."""
    long_jobs = settings.churn.feature_engine == "spark"
    return spark_session(settings, "kpi churn", users, long_jobs=long_jobs)


@contextmanager
def feature_engine(settings: Settings) -> Iterator[Engine]:
    """Yield the engine that the settings name."""
    if settings.churn.feature_engine == "spark":
        with shared_storage(settings, churn_spark(settings)) as shared:
            yield _Spark(shared)
        return
    with duckdb_connection(settings) as connection:
        yield _DuckDB(connection)


@dataclass(frozen=True)
class _DuckDB:
    connection: "duckdb.DuckDBPyConnection"

    def rows_of(self, parquet: Path) -> str:
        return parquet_rows(parquet)

    def write(self, query: str, folder: Path) -> None:
        with replacing(folder) as temporary:
            temporary.mkdir(parents=True)
            write_parquet(self.connection, query, temporary / "part-00000.parquet")

    def write_users(
        self, query: Callable[[RowsOf], str], about_users: Sequence[Path], folder: Path
    ) -> None:
        with replacing(folder) as temporary:
            temporary.mkdir(parents=True)
            for number, rows_of in enumerate(self._parts(about_users)):
                file = temporary / f"part-{number:05d}.parquet"
                write_parquet(self.connection, query(rows_of), file)

    def _parts(self, about_users: Sequence[Path]) -> Iterator[RowsOf]:
        files = ", ".join(file_name(file) for file in about_users)
        parts = read_sql("churn/features/users_in_parts.sql").format(
            rows=f"read_parquet([{files}], union_by_name = true)",
            users=_USERS_AT_ONCE,
            parts=_MOST_PARTS,
        )
        for first_user, last_user in self.connection.execute(parts).fetchall() or [(0, 0)]:
            yield partial(_rows_of_part, first_user, last_user)


def _rows_of_part(first_user: int, last_user: int, parquet: Path) -> str:
    return read_sql("churn/features/users_of_part.sql").format(
        rows=parquet_rows(parquet), first_user=first_user, last_user=last_user
    )


@dataclass(frozen=True)
class _Spark:
    shared: Shared

    def rows_of(self, parquet: Path) -> str:
        return f"parquet.`{self.shared.address(parquet)}`"

    def write(self, query: str, folder: Path) -> None:
        with replacing(folder) as temporary, self.shared.written(temporary) as address:
            self.shared.spark.sql(query).write.parquet(address)

    def write_users(
        self, query: Callable[[RowsOf], str], about_users: Sequence[Path], folder: Path
    ) -> None:
        self.write(query(self.rows_of), folder)
