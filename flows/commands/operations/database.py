"""`kpi psql` and `kpi db url`: the warehouse by hand."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from flows.environment import set_aside
from flows.errors import KpiError
from flows.local.postgres.client import variables
from flows.local.postgres.server import wheel_binaries
from flows.local.postgres.shared import (
    DATABASE,
    embedded_server,
    is_embedded,
    running_warehouse,
)
from flows.settings import Settings, load_settings

_WITHOUT_TLS = ("disable", "allow", "prefer")
_SIGNAL_EXIT = 128  # what shells add to the number of the signal that ended a program


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command(
        "psql", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
    )(psql)
    database = typer.Typer(no_args_is_help=True, help="The warehouse's database.")
    database.command("url")(url)
    app.add_typer(database, name="db")


def psql(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="ARGS", help="What psql takes, for example -c 'SELECT 1'."),
    ] = None,
) -> None:
    """Open psql in the warehouse; psql's own options go after `--` when kpi has the same."""
    with running_warehouse(load_settings()) as settings:
        server = embedded_server(settings)
        # The server says itself what else a driver would have to be loaded for.
        leads_there = variables(server, DATABASE) if is_embedded(settings) else _variables(settings)
        code = _run_psql(leads_there, arguments or [])
    raise typer.Exit(code)


def url() -> None:
    """Print the warehouse's URL, password included, and nothing else."""
    settings = load_settings()
    if settings.database_url is not None:
        typer.echo(settings.database_url.get_secret_value())
        return
    server = embedded_server(settings)
    if not server.running:
        raise KpiError("The embedded PostgreSQL server does not run: start it with kpi up.")
    typer.echo(server.url(DATABASE))


def _program(environment: Mapping[str, str]) -> Path | str:
    if environment.get("PGSSLMODE", "prefer") in _WITHOUT_TLS:
        return wheel_binaries() / "psql"
    installed = shutil.which("psql")
    if installed is None:
        raise KpiError(
            "The psql that comes with kpi speaks no TLS, and KPI_DATABASE_URL asks for it: install "
            "PostgreSQL's client (apt install postgresql-client)."
        )
    return installed


def _variables(settings: Settings) -> dict[str, str]:
    from psycopg.pq import Conninfo

    from flows.platform.warehouse.connection import database_url

    parsed = Conninfo.parse(database_url(settings).encode())
    return {
        option.envvar.decode(): option.val.decode()
        for option in parsed
        if option.envvar and option.val
    }


def _run_psql(environment: Mapping[str, str], arguments: list[str]) -> int:
    # Everything by environment: the password stays out of the list of processes, and what the
    # user passes (another database, say) wins.
    # As everywhere: the user's own PG… variables complete the URL, and lead nowhere else.
    set_aside("PostgreSQL")
    program = _program({**os.environ, **environment})
    # Ctrl-C is for psql, which cancels its query. A handler, unlike ignoring, is not inherited.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.run(
            [program, *arguments], env={**os.environ, **environment}, check=False
        ).returncode
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else _SIGNAL_EXIT - code
