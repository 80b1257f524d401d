"""`kpi ingest`: store a delivery in the warehouse."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.contracts.producers.read import producer_path, read_producer
from flows.crypto_events.landing import ingest as crypto_events
from flows.crypto_events.landing.delivery import bytes_to_store
from flows.errors import count_of
from flows.local.postgres.shared import running_warehouse
from flows.platform.warehouse.migrations import migrate
from flows.settings import load_settings

AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="PRODUCER",
        help="Who wrote the file: a name in contracts/producers, or a path to such a file.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("ingest")(ingest)


def ingest(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv",
            help="UTF-8, commas; the first line has to be the header. With --as, as that producer "
            "writes it.",
        ),
    ],
    mode: Annotated[
        crypto_events.Mode,
        typer.Option(
            help="append adds the rows; replace-days also archives the earlier rows of the "
            "delivered days."
        ),
    ] = "append",
    producer: AsOption = None,
) -> None:
    """Store a delivery of crypto transactions: all of its rows exactly as they are, or none."""
    # First, because nothing is opened or changed for a producer's file that is wrong.
    known = read_producer(producer_path(producer)) if producer else None
    with running_warehouse(load_settings(), bytes_to_store(file)) as settings:
        migrate(settings)
        with _progress(file) as on_progress:
            ingested = crypto_events.ingest(settings, file, mode, on_progress, known)
    typer.echo(_summary(ingested))


@contextmanager
def _progress(file: Path) -> Iterator[Callable[[int], None] | None]:
    """Yield what shows how many bytes were read; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    # Loading it takes as long as storing some ten thousand rows.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as progress:
        size = file.stat().st_size if file.is_file() else None
        task = progress.add_task(f"Reading {file.name}", total=size)
        yield lambda read: progress.update(task, completed=read)


def _summary(ingested: crypto_events.Ingested) -> str:
    stored = (
        f"Stored {count_of(ingested.rows_stored, 'row')} of {ingested.source_name} "
        f"({_span(ingested.days)}); {count_of(ingested.rows_replaced, 'earlier row')} replaced."
    )
    if ingested.rows_left_out:
        stored += f" Left out {ingested.rows_left_out:,} that the producer's file leaves out."
    if ingested.rows_forgotten:
        stored += f" Left out {ingested.rows_forgotten:,} of people who were forgotten."
    return stored


def _span(days: tuple[date, ...]) -> str:
    if not days:
        return "no row with a readable date"
    if len(days) == 1:
        return f"1 day: {days[0]}"
    return f"{len(days):,} days: {days[0]} … {days[-1]}"
