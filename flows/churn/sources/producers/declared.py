"""Which producer writes which of the five files, as the settings say."""

from flows.churn.sources.contract import SOURCE_FILES, SourceFile
from flows.churn.sources.producers.mapping import mapped_columns
from flows.contracts.errors import BadContract
from flows.contracts.producers.producer import Producer
from flows.contracts.producers.read import line_of, producer_path, read_producer
from flows.settings import Settings


def producer_of(settings: Settings, file: SourceFile) -> Producer | None:
    """Return the producer of a file; None when the file has the contract's columns.

    Raises BadInput, with file and line, for a producer that is wrong or writes another file.
    """
    name = settings.churn.producers.get(file.name)
    return producer_named(name, file, settings.churn.date_format) if name else None


def producer_named(name: str, file: SourceFile, date_format: str) -> Producer:
    """Return the producer of that name, or at that path. Raises BadInput as `producer_of` does."""
    producer = read_producer(producer_path(name))
    if producer.table.name != file.name:
        raise BadContract(
            producer.path,
            line_of(producer, "table"),
            f"this producer writes {producer.table.name}, and not {file.file_name}.",
        )
    check_producer(producer, date_format)
    return producer


def check_producer(producer: Producer, date_format: str) -> None:
    """Raise BadContract, with file and line, for what no file of churn can be read by."""
    file = next((file for file in SOURCE_FILES if file.name == producer.table.name), None)
    if file is None:
        raise BadContract(
            producer.path,
            line_of(producer, "contract"),
            f"this producer writes {producer.table.name}, which is none of the churn files.",
        )
    mapped_columns(producer, file, date_format)


def check_producers(settings: Settings) -> None:
    """Raise BadInput for the first producer of the settings that is wrong."""
    for file in SOURCE_FILES:
        producer_of(settings, file)
