"""A file judged as a run would judge it, before it is delivered; nothing is stored."""

from dataclasses import dataclass
from pathlib import Path

from flows.churn.sources.checked_file import count_left_out, write_checked
from flows.churn.sources.contract import SOURCE_FILES, SourceFile
from flows.churn.sources.producers.declared import check_producer, producer_of
from flows.churn.sources.producers.delivered_file import open_written
from flows.churn.sources.rules.examples import check_patterns
from flows.contracts.producers.producer import Producer
from flows.platform.compute.duckdb import duckdb_connection
from flows.platform.compute.spill import scratch_folder
from flows.settings import Settings
from flows.settings.contracted import churn_contract


@dataclass(frozen=True)
class Judged:
    """Rows that would pass, and those that the producer's file leaves out.

    `told` has sentences, values in them marked: what is read in another way than it stands there.
    """

    rows: int
    rows_left_out: int
    told: list[str]


def file_of(path: Path, producer: Producer | None) -> SourceFile | None:
    """Return which of the five files this is: by its producer, or by its name; None for another."""
    name = f"{producer.table.name}.csv" if producer else path.name
    return next((file for file in SOURCE_FILES if file.file_name == name), None)


def judge_file(
    settings: Settings, file: SourceFile, path: Path, producer: Producer | None
) -> Judged:
    """Judge the file, written by `producer`, or else by whom the settings name.

    Raises BadInput when a run would refuse the file.
    """
    check_patterns(churn_contract())
    if producer:
        check_producer(producer, settings.churn.date_format)
    writer = producer or producer_of(settings, file)
    with (
        open_written(settings, file, path, writer) as source,
        duckdb_connection(settings) as connection,
        scratch_folder(settings) as folder,
    ):
        checked = write_checked(connection, source, folder / "checked.parquet")
        return Judged(checked.rows, count_left_out(connection, source), checked.sentences)
