"""`kpi contract`: the group of its commands."""

import typer

from flows.commands.contract import deliveries, diff, key, lint, show


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    contract = typer.Typer(
        help="What contracts say, and whether a file fits one.", no_args_is_help=True
    )
    lint.add_to(contract)
    show.add_to(contract)
    diff.add_to(contract)
    deliveries.add_to(contract)
    key.add_to(contract)
    app.add_typer(contract, name="contract")
