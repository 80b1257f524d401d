"""What runs the feature queries: DuckDB in this process, or Spark."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb

from flows.platform.compute.duckdb import duckdb_connection, parquet_rows, write_parquet
from flows.platform.compute.shared import Shared, shared_storage
from flows.platform.compute.spark import spark_session
from flows.platform.storage.atomic_files import replacing
from flows.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Engine(Protocol):
    """Names Parquet files in SQL, and writes the result of a query."""

    def rows_of(self, parquet: Path) -> str:
        """Return SQL for the rows of a Parquet file, or of a folder of them."""
        ...

    def write(self, query: str, folder: Path) -> None:
        """Write the query's rows, in their order, as Parquet files into a new folder."""
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


@dataclass(frozen=True)
class _Spark:
    shared: Shared

    def rows_of(self, parquet: Path) -> str:
        return f"parquet.`{self.shared.address(parquet)}`"

    def write(self, query: str, folder: Path) -> None:
        with replacing(folder) as temporary, self.shared.written(temporary) as address:
            self.shared.spark.sql(query).write.parquet(address)
