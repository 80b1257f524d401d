"""`kpi notify`: tell people something, for schedulers whose runs fail."""

from typing import Annotated

import typer

from flows.errors import KpiError
from flows.platform.pipeline import notifications
from flows.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(notify)


def notify(
    text: Annotated[str, typer.Argument(help="What people are told.")],
    link: Annotated[str | None, typer.Option(metavar="URL", help="Where they read more.")] = None,
) -> None:
    """Post a text to the webhook; without one, do nothing."""
    settings = load_settings()
    if settings.webhook_url is None:
        typer.echo("Nobody was told: KPI_WEBHOOK_URL is not set.")
        return
    if not notifications.post(settings, text, (link, "the run") if link else None):
        raise KpiError("The webhook did not take the message.")
