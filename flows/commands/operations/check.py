"""`kpi check`: what must have happened and has not, told without the worker's help."""

from dataclasses import asdict
from datetime import UTC, datetime

import typer

from flows.commands.rows import FormatOption, print_rows
from flows.errors import KpiError, count_of
from flows.local.postgres.shared import running_warehouse
from flows.observed.checks import Found, look
from flows.observed.told import tell
from flows.settings import Settings, load_settings

_COLUMNS = {"check": "check", "subject": "subject", "ok": "ok", "text": "what"}


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(check)


def check(format_: FormatOption = "table") -> None:
    """Look for what must have happened and has not; tell the webhook; end with 1 if there is any.

    For a timer: people are told when something changed, and once a day while it lasts.
    """
    settings = load_settings()
    now = datetime.now(UTC)
    found = _look(settings, now)
    if format_ == "table":
        # A warehouse that is away hinders several checks, and is said once.
        for line in dict.fromkeys(f"{'ok' if one.ok else 'FAIL':6}{one.text}" for one in found):
            typer.echo(line)
    else:
        print_rows([asdict(one) for one in found], _COLUMNS, format_)
    missing = [one for one in found if not one.ok]
    told = settings.webhook_url is None or tell(settings, found, now)
    nobody = "" if told else " The webhook did not take the message: tell people by another way."
    if missing or nobody:
        raise KpiError(f"{count_of(len(missing), 'check')} failed.{nobody}")


def _look(settings: Settings, now: datetime) -> list[Found]:
    """Look with the embedded server running, where there is no other."""
    try:
        with running_warehouse(settings) as running:
            return look(running, now)
    except KpiError as error:
        # As the first of the checks says it that need one.
        return [Found("pipelines", "warehouse", False, str(error))]
