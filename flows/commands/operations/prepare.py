"""`kpi prepare`: what servers of one's own need before the first run, and after an upgrade."""

import typer

from flows.platform.storage.buckets import create_buckets
from flows.platform.tracking.tables import upgrade_mlflow
from flows.platform.warehouse.databases import prepare_databases
from flows.platform.warehouse.migrations import migrate
from flows.platform.warehouse.readers import let_readers_in
from flows.settings import load_settings

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
    """Create the buckets of the object store of KPI_S3__… that are missing."""
    for name in create_buckets(load_settings()):
        typer.echo(f"Bucket {name} is there.")
