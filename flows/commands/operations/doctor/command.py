"""`kpi doctor`: check the installation, and say what to do."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import typer

from flows.commands.operations.doctor import (
    environment,
    forgotten,
    installation,
    java,
    misspelled,
    production,
    services,
    warehouse,
)
from flows.commands.rows import FormatOption, print_rows
from flows.errors import KpiError

# Each yields a line for what is well, and raises KpiError with what to do for what is not.
CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    installation.python,
    installation.packages,
    installation.settings,
    misspelled.misspelled,
    environment.variables,
    installation.disk,
    java.java,
    warehouse.warehouse,
    forgotten.forgotten,
    services.mlflow,
    production.production,
    services.prefect,
    services.object_store,
    services.spark,
)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(doctor)


@dataclass(frozen=True)
class Finding:
    """What a check found: what is well, or what to do."""

    check: str
    ok: bool
    text: str


def doctor(format_: FormatOption = "table") -> None:
    """Check the installation, the settings and every server that runs need, and say what to do."""
    found = []
    for finding in _findings():
        found.append(finding)
        if format_ == "table":  # at once: some checks take seconds
            typer.echo(f"{'ok' if finding.ok else 'FAIL':6}{finding.text}")
    if format_ != "table":
        columns = {"check": "check", "ok": "ok", "text": "what"}
        print_rows([asdict(finding) for finding in found], columns, format_)
    if not all(finding.ok for finding in found):
        which = "lines with FAIL" if format_ == "table" else "rows that are not ok"
        raise KpiError(f"Not everything is in place: do what the {which} say.")


def _findings() -> Iterator[Finding]:
    failures: set[str] = set()  # a wrong setting fails several checks, and is told once
    for check in CHECKS:
        try:
            for text in check():
                yield Finding(check.__name__, True, text)
        except KpiError as error:
            if str(error) not in failures:
                failures.add(str(error))
                yield Finding(check.__name__, False, str(error))
