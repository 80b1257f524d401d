"""`kpi metrics`: the endpoint that Prometheus reads."""

import time
from typing import Annotated

import typer

from flows.local.postgres.shared import running_warehouse
from flows.settings import load_settings

USUAL_PORT = 9464


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(metrics)


def metrics(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = USUAL_PORT,
) -> None:
    """Serve the platform's metrics at /metrics, for Prometheus, until it is stopped."""
    from flows.observed.serve import serve

    with running_warehouse(load_settings()) as settings:
        serve(settings, host, port)
        typer.echo(f"Metrics: http://{host}:{port}/metrics")
        while True:
            time.sleep(3600)
