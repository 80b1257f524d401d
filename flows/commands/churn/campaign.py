"""`kpi campaign`: whom a campaign contacted, and whom it held out."""

from pathlib import Path
from typing import Annotated

import typer

from flows.errors import count_of
from flows.local.postgres.shared import running_warehouse
from flows.platform.warehouse.migrations import migrate
from flows.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(campaign)


def campaign(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="Columns user_id, contacted_on, group (contacted or control)."
        ),
    ],
) -> None:
    """Keep whom a campaign contacted and held out: all users of the file, or none."""
    from flows.churn.campaigns.deliver import deliver_campaign

    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        found = deliver_campaign(settings, file)
    typer.echo(
        f"{count_of(found.users, 'user')} of {file.name}, {found.contacted:,} of them contacted, "
        f"{found.new:,} new. kpi drift compares both groups when their days are over."
    )
