"""`kpi metrics`: the endpoint that Prometheus reads."""

import time
from typing import Annotated

import typer

from flows.errors import KpiError
from flows.settings import Settings, load_settings

USUAL_PORT = 9464


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(metrics)


def metrics(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = USUAL_PORT,
) -> None:
    """Serve the platform's metrics at /metrics, for Prometheus, until it is stopped."""
    serve(load_settings(), host, port)
    typer.echo(f"Metrics: http://{host}:{port}/metrics")
    while True:
        time.sleep(3600)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve them from a thread; raise KpiError when the address cannot be listened at."""
    from prometheus_client import CollectorRegistry, start_http_server

    from flows.commands.operations.observed.collector import Platform

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Platform(settings))
    try:
        start_http_server(port, host, registry)
    except OSError as error:
        raise KpiError(f"Nothing can listen at {host}:{port} ({error.strerror}).") from error
