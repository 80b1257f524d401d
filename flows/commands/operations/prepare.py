"""`kpi prepare`: what servers of one's own need before the first run, and after an upgrade."""

import os
from typing import Annotated

import typer

from flows.errors import BadInput
from flows.platform.storage.buckets import create_buckets
from flows.platform.storage.store_users import create_store_users
from flows.platform.tracking.tables import upgrade_mlflow
from flows.platform.warehouse.databases import prepare_databases
from flows.platform.warehouse.migrations import migrate
from flows.platform.warehouse.readers import let_readers_in
from flows.settings import load_settings

_PREFECT_DATABASE = "PREFECT_API_DATABASE_CONNECTION_URL"

Forget = Annotated[
    bool, typer.Option("--forget-unreadable", help="Delete the blocks that no key here reads.")
]

prepare = typer.Typer(help="Databases and buckets on servers of one's own.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.add_typer(prepare, name="prepare")


@prepare.command()
def databases() -> None:
    """Create the databases and roles of KPI_PREPARE__…, and migrate the warehouse and MLflow's."""
    settings = load_settings()
    prepared = prepare_databases(settings)
    for name in prepared.databases:
        typer.echo(f"Database {name} is there.")
    for name in prepared.open_to_all:
        typer.echo(f"Database {name} is the server's own: every role can connect to it.")
    if upgrade_mlflow(settings):
        typer.echo("MLflow's tables are up to date.")
    for version in migrate(settings):
        typer.echo(f"Applied {version}.")
    for reader in let_readers_in(settings):
        typer.echo(f"{reader.role} reads {reader.database}.")
        if reader.open_functions:
            typer.echo(
                f"{reader.role} can make large objects in {reader.database}: "
                f"{reader.open_functions} functions are the server's own, and open to every role."
            )


@prepare.command()
def buckets() -> None:
    """Create the missing buckets of KPI_S3__…, and the users of KPI_PREPARE__STORE_USERS."""
    settings = load_settings()
    for name in create_buckets(settings):
        typer.echo(f"Bucket {name} is there.")
    for service in create_store_users(settings):
        typer.echo(f"The user of {service} has what it needs.")


@prepare.command()
def prefect(*, forget_unreadable: Forget = False) -> None:
    """Take the key of Prefect's blocks out of its database, while its server does not run.

    The key is PREFECT_SERVER_ENCRYPTION_KEY, the database that of
    PREFECT_API_DATABASE_CONNECTION_URL.
    """
    from flows.platform.deployments.block_key import KEY, move_block_key

    for name in (KEY, _PREFECT_DATABASE):
        if not os.environ.get(name):
            raise BadInput(f"{name} is empty: the environment of Prefect's server has it.")
    url = os.environ[_PREFECT_DATABASE].replace("postgresql+asyncpg:", "postgresql:")
    moved = move_block_key(url, os.environ[KEY], forget_unreadable=forget_unreadable)
    typer.echo(f"{moved.encrypted} blocks have the key of the environment.")
    for name in moved.deleted:
        typer.echo(f"Deleted {name}, which no key here reads: kpi deploy makes kpi-… again.")
