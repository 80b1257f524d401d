"""`kpi doctor`: check the installation, and say what to do."""

from collections.abc import Callable, Iterator

import typer

from flows.commands.operations.doctor import (
    environment,
    installation,
    java,
    production,
    services,
    warehouse,
)
from flows.errors import KpiError

# Each yields a line for what is well, and raises KpiError with what to do for what is not.
CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    installation.python,
    installation.packages,
    installation.settings,
    environment.variables,
    installation.disk,
    java.java,
    warehouse.warehouse,
    services.mlflow,
    production.production,
    services.prefect,
    services.object_store,
    services.spark,
)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(doctor)


def doctor() -> None:
    """Check the installation, the settings and every server that runs need, and say what to do."""
    failures: set[str] = set()  # a wrong setting fails several checks, and is told once
    for check in CHECKS:
        for ok, text in _outcome(check):
            if ok:
                typer.echo(f"ok    {text}")
            elif text not in failures:
                failures.add(text)
                typer.echo(f"FAIL  {text}")
    if failures:
        raise KpiError("Not everything is in place: do what the lines with FAIL say.")


def _outcome(check: Callable[[], Iterator[str]]) -> Iterator[tuple[bool, str]]:
    try:
        for text in check():
            yield True, text
    except KpiError as error:
        yield False, str(error)
