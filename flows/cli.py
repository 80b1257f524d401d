"""The `kpi` command."""

import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from importlib import import_module
from uuid import uuid4

import typer

from flows.errors import KpiError
from flows.lazy_imports import quick_imports
from flows.log_lines import belongs_to

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
# Not used by every command.
_WHEN_USED = ("duckdb", "httpx", "psutil")


def loaded_commands(arguments: Sequence[str]) -> typer.Typer:
    """Return what `command_line` returns, and load as little as possible for it."""
    with quick_imports(when_used=_WHEN_USED):
        return command_line(arguments)


def command_line(arguments: Sequence[str]) -> typer.Typer:
    """Return the app with the command that the arguments start with, else with all commands."""
    app = typer.Typer(
        help="Crypto events and churn: validated data products on PostgreSQL.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        # Without it, an app with one command would not accept the command's name.
        callback=lambda: None,
    )
    asked = [subject for subject, names in SUBJECTS.items() if set(arguments[:1]) & set(names)]
    for subject in asked or SUBJECTS:
        import_module(f"flows.commands.{subject}").register(app)
    return app


def main() -> None:
    """Run the command; an error the user can act on ends in one sentence and an exit code."""
    # At exit, the collector would scan everything once more, which takes a second with Prefect.
    atexit.register(gc.freeze)
    # As an exception, so that cleanup code stops what this process started.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with quick_imports(when_used=_WHEN_USED):
            from flows.settings.terminal_log import log_to_stderr
        log_to_stderr()
        of_no_run = set(sys.argv[1:2]) & _OF_NO_RUN
        with nullcontext() if of_no_run else belongs_to(str(uuid4())):
            # What a command imports reads the contracts.
            loaded_commands(sys.argv[1:])()
    except KpiError as error:
        # Values are for a terminal: what is written elsewhere is kept, and read by others.
        typer.echo(f"kpi: {error.in_full if sys.stderr.isatty() else error}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        _end_with_the_disk(error)
        _end_with_the_warehouse(error)
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
