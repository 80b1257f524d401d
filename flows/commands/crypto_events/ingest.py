"""`kpi ingest`: store a delivery in the warehouse."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from flows.crypto_events.landing import ingest as crypto_events
from flows.crypto_events.landing.delivery import bytes_to_store
from flows.local.postgres.shared import running_warehouse
from flows.platform.warehouse.migrations import migrate
from flows.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("ingest")(ingest)


def ingest(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="UTF-8, commas; the first line has to be the header."
        ),
    ],
    mode: Annotated[
        crypto_events.Mode,
        typer.Option(
            help="append adds the rows; replace-days also archives the earlier rows of the "
            "delivered days."
        ),
    ] = "append",
) -> None:
    """Store a delivery of crypto transactions: all of its rows exactly as they are, or none."""
    with running_warehouse(load_settings(), bytes_to_store(file)) as settings:
        migrate(settings)
        with _progress() as progress:
            size = file.stat().st_size if file.is_file() else None
            task = progress.add_task(f"Reading {file.name}", total=size)
            ingested = crypto_events.ingest(
                settings, file, mode, lambda read: progress.update(task, completed=read)
            )
    typer.echo(_summary(ingested))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _summary(ingested: crypto_events.Ingested) -> str:
    stored = (
        f"Stored {ingested.rows_stored:,} rows of {ingested.source_name} "
        f"({_span(ingested.days)}); {ingested.rows_replaced:,} earlier rows replaced."
    )
    if not ingested.rows_forgotten:
        return stored
    return f"{stored} Left out {ingested.rows_forgotten:,} of people who were forgotten."


def _span(days: tuple[date, ...]) -> str:
    if not days:
        return "no row with a readable date"
    if len(days) == 1:
        return f"1 day: {days[0]}"
    return f"{len(days):,} days: {days[0]} … {days[-1]}"
