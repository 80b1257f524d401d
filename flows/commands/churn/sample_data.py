"""`kpi sample-data`: make up a delivery of the five churn files."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_DAY = ["%Y-%m-%d"]
_LAST_DAY = datetime(2026, 6, 30)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("sample-data")(sample_data)


def sample_data(
    users: Annotated[int, typer.Option(min=1, help="How many users to make up.")] = 2500,
    seed: Annotated[int, typer.Option(min=0, help="Another seed makes up other users.")] = 7,
    as_of: Annotated[
        datetime, typer.Option(formats=_DAY, help="Last of the 180 days with payments.")
    ] = _LAST_DAY,
    usage_as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=_DAY,
            help="Day as of which the other four files are true; 30 days earlier when left out.",
        ),
    ] = None,
    drift: Annotated[
        float,
        typer.Option(min=0, max=1, help="How far behaviour changes: other users stay."),
    ] = 0.0,
    drift_from: Annotated[
        datetime | None,
        typer.Option(
            formats=_DAY,
            help="First day on which behaviour has changed; the last 60 days when left out.",
        ),
    ] = None,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write the files.")] = Path(
        "data/churn"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace files that differ.")] = False,
) -> None:
    """Write the five churn files of made-up users: the same arguments, the same bytes."""
    from flows.churn.sample_data.writer import write_sample_data

    with _progress() as progress:
        task = progress.add_task("Making up users", total=users)
        written = write_sample_data(
            to,
            users=users,
            seed=seed,
            as_of=as_of.date(),
            usage_as_of=usage_as_of.date() if usage_as_of else None,
            drift=drift,
            drift_from=drift_from.date() if drift_from else None,
            on_progress=lambda done: progress.update(task, completed=done),
            overwrite=force,
        )
    typer.echo(f"Wrote {written.rows['PAYMENTS']:,} payments of {users:,} users to {to}.")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
