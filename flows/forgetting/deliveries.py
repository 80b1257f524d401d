"""A person in a churn file that its producer writes in another form: counted, never changed."""

from pathlib import Path

from flows.churn.sources.contract import SOURCE_FILES, SourceFile
from flows.churn.sources.producers.delivered_file import open_delivered
from flows.churn.sources.reading.csv_file import OpenSource
from flows.churn.sources.reading.problems import read_with
from flows.forgetting.tables import forget_in_parquet
from flows.forgetting.trace import Trace
from flows.platform.compute.duckdb import duckdb_connection, write_parquet
from flows.platform.compute.spill import scratch_folder
from flows.platform.forgetting.parquet_rows import NAMED, WHOSE
from flows.platform.forgetting.people import People
from flows.settings import Settings
from flows.sql_files import read_sql


def producers_file(settings: Settings, path: Path) -> SourceFile | None:
    """Return which of the five files this is, when the settings name its producer."""
    return next(
        (
            file
            for file in SOURCE_FILES
            if file.file_name == path.name and file.name in settings.churn.producers
        ),
        None,
    )


def in_producers_file(
    settings: Settings, file: SourceFile, people: People, *, place: str
) -> list[Trace]:
    """Count their rows, and those that name them, also among rows that the producer leaves out.

    Raises BadInput when the file is not as its producer's file says.
    """
    named = [c.becomes for c in file.columns if c.becomes in (*WHOSE, *NAMED)]
    with (
        open_delivered(settings, file, settings.churn.source) as source,
        duckdb_connection(settings) as connection,
        scratch_folder(settings) as folder,
    ):
        ids = folder / "ids.parquet"

        def write(source: OpenSource) -> None:
            every = filter(None, (source.statement, source.left_out))
            query = read_sql("churn/sources/ids_of_file.sql")
            parts = (query.format(ids=", ".join(named), source=part) for part in every)
            write_parquet(connection, " UNION ALL ".join(parts), ids)

        read_with(connection, source, write)
        return forget_in_parquet(ids, people, place=place, dry_run=True)
