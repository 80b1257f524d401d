"""`kpi check`: what must have happened and has not, told without the worker's help."""

from dataclasses import asdict, replace
from datetime import UTC, datetime

import typer

from flows.commands.rows import FormatOption, print_rows
from flows.errors import BadInput, KpiError, count_of
from flows.local.postgres.shared import running_warehouse
from flows.observed.checks import Found, look
from flows.observed.told import AnySettings, tell
from flows.settings import Settings, load_settings
from flows.settings.webhook import webhook_settings

_SETTINGS = Found("settings", "settings", True, "the settings can be read")
_COLUMNS = {"check": "check", "subject": "subject", "ok": "ok", "text": "what"}


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(check)


def check(format_: FormatOption = "table") -> None:
    """Look for what must have happened and has not; tell the webhook; end with 1 if there is any.

    For a timer: people are told when something changed, and once a day while it lasts.
    """
    now = datetime.now(UTC)
    settings = _settings(now)
    found = _look(settings, now)
    if format_ == "table":
        # A warehouse that is away hinders several checks, and is said once.
        for line in dict.fromkeys(f"{'ok' if one.ok else 'FAIL':6}{one.text}" for one in found):
            typer.echo(line)
    else:
        print_rows([asdict(one) for one in found], _COLUMNS, format_)
    missing = [one for one in found if not one.ok]
    nobody = _tell(settings, [_SETTINGS, *found], now)
    if missing or nobody:
        raise KpiError(f"{count_of(len(missing), 'check')} failed.{nobody}")


def _settings(now: datetime) -> Settings:
    """Return the settings; one that is wrong is told as well, where it is not the webhook's own."""
    try:
        return load_settings()
    except BadInput as error:
        text = f"nothing is looked at, for a setting is wrong: {error}"
        found = replace(_SETTINGS, ok=False, text=text)
        raise BadInput(f"{error.marked}{_tell(webhook_settings(), [found], now)}") from None


def _tell(settings: AnySettings, found: list[Found], now: datetime) -> str:
    """Tell the webhook, where there is one; return what is to be said if it takes no message."""
    if settings.webhook_url is None or tell(settings, found, now):
        return ""
    return " The webhook did not take the message: tell people by another way."


def _look(settings: Settings, now: datetime) -> list[Found]:
    """Look with the embedded server running, where there is no other."""
    try:
        with running_warehouse(settings) as running:
            return look(running, now)
    except KpiError as error:
        # As the first of the checks says it that need one.
        return [Found("pipelines", "warehouse", False, str(error))]
