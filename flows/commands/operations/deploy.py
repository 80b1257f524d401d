"""`kpi deploy` and `kpi worker`: what a Prefect server of one's own needs."""

import os
from typing import Annotated

import typer

from flows.commands.parameters import PIPELINES
from flows.local.postgres.shared import without_blocks
from flows.observed.checks import CHECK_FLOW
from flows.platform.deployments.crash_automation import register_crash_automation
from flows.platform.deployments.registered_blocks import register_s3_blocks
from flows.platform.deployments.registration import deploy
from flows.platform.deployments.worker import run_worker
from flows.platform.orchestration.environment import configure_prefect
from flows.settings import Settings, load_settings


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("deploy")(deploy_to_server)
    app.command("worker")(worker)


def deploy_to_server() -> None:
    """Register work pool, queues and the deployments of prefect.yaml with PREFECT_API_URL."""
    settings = load_settings()
    configure_prefect(settings)
    deploy_everything(settings)
    typer.echo(f"Deployed to {os.environ['PREFECT_API_URL']}; look at them there, or start one:")
    typer.echo("  prefect deployment run 'crypto-events/daily' --watch")


def deploy_everything(settings: Settings) -> None:
    """Register everything that the Prefect server in the environment has to know.

    Raises KpiError when it does not answer.
    """
    from flows.platform.orchestration.blocks import apply_blocks

    flows = [*(pipeline.title for pipeline in PIPELINES), CHECK_FLOW]
    deploy(settings, flows)
    # No more than runs ask for: whoever reaches Prefect can read what is in a block.
    if settings.connections == "blocks" and settings.database_url is not None:
        # What is registered is what the environment says.
        apply_blocks(without_blocks(settings))
    elif settings.storage == "s3":
        register_s3_blocks(settings)
    register_crash_automation(settings, flows)


def worker(
    host: Annotated[str, typer.Option(help="Where its health check listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of its health check, /health.")] = 8080,
) -> None:
    """Run what the Prefect server of PREFECT_API_URL schedules; before, tell it what was lost."""
    configure_prefect(load_settings())
    run_worker(host, port)
