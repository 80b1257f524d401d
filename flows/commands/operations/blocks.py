"""`kpi blocks`: the connections as Prefect blocks, registered from settings."""

import typer

from flows.local.postgres.shared import running_warehouse, without_blocks
from flows.local.services.lifecycle import use_running_platform
from flows.platform.orchestration.environment import configure_prefect
from flows.settings import load_settings

blocks = typer.Typer(help="Connections as Prefect blocks.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.add_typer(blocks, name="blocks")


@blocks.callback()
def _group() -> None:
    # Without it Typer takes the only command for the whole group.
    pass


@blocks.command()
def apply() -> None:
    """Register warehouse, S3 keys and buckets with Prefect; again after a setting changed."""
    # The environment is what is registered, also where flows read blocks.
    with running_warehouse(without_blocks(load_settings())) as settings:
        use_running_platform(settings)
        configure_prefect(settings)
        from flows.platform.orchestration.blocks import apply_blocks

        for slug in apply_blocks(settings):
            typer.echo(f"Registered {slug}.")
