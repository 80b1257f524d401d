"""The `kpi` command."""

import os
import signal
import sys
from contextlib import nullcontext
from importlib import import_module
from typing import Any, cast
from uuid import uuid4

import typer
from click import Command, Context
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from flows.commands.summaries import SUMMARIES
from flows.errors import KpiError
from flows.lazy_imports import quick_imports
from flows.log_lines import belongs_to
from flows.quick_exit import quick_exit
from flows.terminal_log import log_to_stderr

# Each module of flows/commands and its commands: only the module of the given command is imported.
SUBJECTS = {
    "demo.command": ("demo",),
    "crypto_events.ingest": ("ingest",),
    "crypto_events.runs": ("run", "backfill", "replay", "plan"),
    "crypto_events.rejects": ("rejects",),
    "crypto_events.data_docs": ("docs",),
    "contract.command": ("contract",),
    "churn.runs": ("train", "score", "model"),
    "churn.drift": ("drift", "watch"),
    "churn.campaign": ("campaign",),
    "churn.sample_data": ("sample-data",),
    "step": ("step",),
    "operations.notify": ("notify",),
    "operations.platform": ("up", "down", "status", "logs"),
    "operations.database": ("psql", "db"),
    "operations.deploy": ("deploy", "worker"),
    "operations.blocks": ("blocks",),
    "operations.prepare": ("prepare",),
    "operations.forget": ("forget",),
    "operations.prune": ("prune",),
    "operations.doctor.command": ("doctor",),
    "operations.check": ("check",),
    "operations.metrics": ("metrics",),
}
# What goes on for days, and works for many runs; any other command has an id of its own.
_OF_NO_RUN = {"worker", "metrics"}
# Not used by every command, though imported by what each of them imports.
_WHEN_USED = ("asyncio", "duckdb", "httpx", "importlib.metadata", "psutil")


def command_line() -> typer.Typer:
    """Return the app with all commands, none of which is imported before it is run."""
    return typer.Typer(
        cls=_ImportedWhenRun,
        help="Crypto events and churn: validated data products on PostgreSQL.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        # Without it, the help would not list commands.
        callback=lambda: None,
    )


class _ImportedWhenRun(TyperGroup):
    """Shows commands by their summaries, and imports the module of the one that is run."""

    def __init__(self, **attributes: Any) -> None:
        shown = {name: TyperCommand(name, help=text) for name, text in SUMMARIES.items()}
        super().__init__(**attributes | {"commands": shown})

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        name, shown, rest = super().resolve_command(ctx, args)
        return name, shown and imported_command(str(shown.name)), rest


def imported_command(name: str) -> Command:
    """Import the module of a command, and as little else as possible; return the command."""
    app = typer.Typer(callback=lambda: None)
    subject = next(subject for subject, names in SUBJECTS.items() if name in names)
    with quick_imports(when_used=_WHEN_USED):
        import_module(f"flows.commands.{subject}").register(app)
        return cast(TyperGroup, get_command(app)).commands[name]


def main() -> None:
    """Be the process of a command."""
    with quick_exit():
        run_command()


def run_command() -> None:
    """Run the command; an error the user can act on ends in one sentence and an exit code."""
    # As an exception, so that cleanup code stops what this process started.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        log_to_stderr()
        of_no_run = set(sys.argv[1:2]) & _OF_NO_RUN
        with nullcontext() if of_no_run else belongs_to(str(uuid4())):
            # What a command imports reads the contracts.
            command_line()()
    except KpiError as error:
        # Values are for a terminal: what is written elsewhere is kept, and read by others.
        typer.echo(f"kpi: {error.in_full if sys.stderr.isatty() else error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        _end_with_the_disk(error)
        _end_with_the_warehouse(error)
        _end_with_mlflow(error)
        _end_with_a_bug(error)


def _end_with_the_disk(error: Exception) -> None:
    """Print the sentence about a full disk and exit; do nothing for any other error."""
    from flows.platform.storage.full_disk import full_disk
    from flows.settings import load_settings

    if sentence := full_disk(error, load_settings().home):
        typer.echo(f"kpi: {sentence}", err=True)
        sys.exit(KpiError.exit_code)


def _end_with_the_warehouse(error: Exception) -> None:
    """Print a warehouse error and exit; do nothing for any other error."""
    from flows.errors import first_line
    from flows.platform.warehouse.connection import is_transient
    from flows.platform.warehouse.errors import refusal

    if refused := refusal(error):
        typer.echo(f"kpi: {refused}", err=True)
        sys.exit(refused.exit_code)
    # Great Expectations wraps warehouse errors.
    if not is_transient(error):
        return
    what = "cut us short" if getattr(error, "sqlstate", None) else "does not answer"
    typer.echo(f"kpi: The warehouse {what}: {first_line(error)}. Try `kpi doctor`.", err=True)
    # Callers such as Airflow decide by the exit code whether to retry.
    sys.exit(os.EX_TEMPFAIL)


def _end_with_mlflow(error: Exception) -> None:
    """Print that MLflow does not answer any more and exit; do nothing for any other error."""
    from flows.platform.tracking.away import mlflow_is_away

    if away := mlflow_is_away(error):
        typer.echo(f"kpi: {away}", err=True)
        sys.exit(away.exit_code)


def _end_with_a_bug(error: Exception) -> None:
    """Print the traceback, then a sentence that quotes nothing, and exit.

    The last line is what callers such as Airflow pass on to others.
    """
    from flows.platform.pipeline.unexpected import as_told_elsewhere

    sys.excepthook(type(error), error, error.__traceback__)
    told = as_told_elsewhere(error, in_full_in="the traceback")
    typer.echo(f"kpi: {told}", err=True)
    sys.exit(KpiError.exit_code)


if __name__ == "__main__":
    main()
