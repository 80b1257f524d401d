"""`kpi up`, `down`, `status`, `logs`: the local platform by hand."""

import os
import shutil
import time
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status

from flows.commands.operations.deploy import deploy_everything
from flows.commands.rows import FormatOption, print_rows
from flows.errors import BadInput, KpiError
from flows.local.postgres.shared import is_left_behind, without_blocks
from flows.local.services.lifecycle import (
    NAMES,
    ServiceHealth,
    platform_health,
    start_platform,
    stop_platform,
)
from flows.platform.orchestration.environment import configure_prefect
from flows.settings import load_settings

_PATIENT_SECONDS = 5.0
_LIST = ", ".join(NAMES)
_OF_A_SERVICE = ("name", "state", "port", "page", "log")


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("logs")(logs)


def up(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVICE]...", help=f"Only these of {_LIST}.")
    ] = None,
) -> None:
    """Start the local platform, register the deployments, and leave it running."""
    settings = load_settings()
    if settings.database_url is not None:
        raise KpiError(
            "KPI_DATABASE_URL names the warehouse, so the local platform is not used. "
            "Unset it to start one."
        )
    settings = without_blocks(settings)
    configure_prefect(settings)
    names = [name for name in NAMES if not services or name in _with_needs(services)]
    console = Console()
    with console.status("Starting ...") as shown:
        start_platform(
            settings,
            [*names, *(name for name in services or [] if name not in NAMES)],
            deploy_everything,
            lambda found: console.print(_line(found), soft_wrap=True, highlight=False),
            Progress(console, shown).tell,
        )
    if "prefect" in names:
        console.print(
            f"For Prefect's own commands: export PREFECT_API_URL={os.environ['PREFECT_API_URL']}",
            soft_wrap=True,
            highlight=False,
        )
    console.print("How it is: kpi status. What it says: kpi logs. To stop it: kpi down.")


def down() -> None:
    """Stop the local platform, and the embedded PostgreSQL server."""
    stopped = stop_platform(load_settings())
    typer.echo(f"Stopped {', '.join(stopped)}." if stopped else "Nothing runs.")


def status(format_: FormatOption = "table") -> None:
    """Tell how each service of the local platform is, and where it listens and writes."""
    settings = load_settings()
    for_people = partial(typer.echo, err=format_ != "table")
    if settings.database_url is not None:
        for_people("The warehouse is the one that KPI_DATABASE_URL names.")
    found = platform_health(settings)
    if format_ != "table":
        rows = [{**asdict(service), "state": _state(service)} for service in found]
        print_rows(rows, dict.fromkeys(_OF_A_SERVICE, ""), format_)
    else:
        for service in found:
            where = service.page or (f"port {service.port}" if service.port else "")
            typer.echo(f"{service.name:10}{_state(service):24}{where:24}{service.log}")
    if settings.database_url is None and is_left_behind(settings):
        for_people(
            "PostgreSQL still runs for a command that was killed. The next command uses it; "
            "kpi down stops it."
        )
    if any(service.state not in ("STOPPED", "RUNNING", "STARTING") for service in found):
        raise KpiError("A service ends again and again: look at its log with kpi logs.")


def logs(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVICE]...", help=f"Only these of {_LIST}.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they grow.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Of each, the last.")] = 20,
) -> None:
    """Show what the services of the local platform say."""
    found = platform_health(load_settings())
    if unknown := [name for name in services or [] if name not in NAMES]:
        raise BadInput(f"There is no service {unknown[0]}; there are {_LIST}.")
    files = [
        str(service.log)
        for service in found
        if (not services or service.name in services) and service.log.exists()
    ]
    if not files:
        raise KpiError("Nothing was logged yet. Start the platform with kpi up.")
    grow = ["-F"] if follow else []
    os.execv(shutil.which("tail") or "tail", ["tail", "-n", str(lines), *grow, *files])


class Progress:
    """What takes longer than a few seconds is told, where no terminal shows it, ever less often."""

    def __init__(self, console: Console, shown: Status) -> None:
        self._console = console
        self._shown = shown
        self._since = time.monotonic()
        self._next = _PATIENT_SECONDS

    def tell(self, what: str) -> None:
        """Tell what goes on, once it goes on for long."""
        seconds = time.monotonic() - self._since
        if seconds < _PATIENT_SECONDS or not what:
            return
        self._shown.update(f"Still starting ({seconds:.0f} s): {what} ...")
        if seconds >= self._next and not self._console.is_terminal:
            self._next *= 2
            self._console.print(f"Still starting ({seconds:.0f} s): {what} ...", soft_wrap=True)


def _with_needs(services: list[str]) -> set[str]:
    needs = {"prefect"} if "worker" in services else set()
    return {"postgres", *services, *needs}


def _state(service: ServiceHealth) -> str:
    if service.healthy:
        return "well"
    return {
        "STOPPED": "stopped",
        "STARTING": "starting",
        "RUNNING": "runs, does not answer",
    }.get(service.state, "does not start")


def _line(service: ServiceHealth) -> str:
    return f"{service.title:16}{service.page or f'port {service.port}'}"
