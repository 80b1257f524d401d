"""`kpi contract`: the group of its commands."""

import typer

from flows.commands.contract import files


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    contract = typer.Typer(
        help="Does a file fit the contract, and how could it?", no_args_is_help=True
    )
    files.add_to(contract)
    app.add_typer(contract, name="contract")
