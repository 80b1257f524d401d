"""Options that several commands have."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

LastDay = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help="The last day; else the last that PAYMENTS holds."
    ),
]
Source = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Folder of the five CSV files; else the setting."),
]
SimulateDrift = Annotated[
    float,
    typer.Option(min=0, max=10, help="A demonstration: move numbers so many deviations."),
]


def day_of(moment: datetime | None) -> date | None:
    """Return the day that was typed, if any."""
    return moment.date() if moment else None


def absolute(folder: Path | None) -> str | None:
    """Return the folder from the root, as a flow's parameter."""
    return str(folder.expanduser().absolute()) if folder else None
