"""`kpi contract diff`: what changed from one contract to the next."""

from pathlib import Path

import typer

from flows.commands.rows import FormatOption, print_rows
from flows.contracts.diff import breaks_without_version, changes_between
from flows.contracts.errors import BadContract
from flows.contracts.read import read_contract


def add_to(app: typer.Typer) -> None:
    """Add the command to `kpi contract`."""
    app.command("diff")(diff)


def diff(old: Path, new: Path, format_: FormatOption = "table") -> None:
    """Say what changed between two contracts, and whom it breaks; that needs a new version."""
    before, after = read_contract(old), read_contract(new)
    changes = changes_between(before, after)
    if changes:
        heads = {"about": "of", "what": "what changed", "breaks": "breaks"}
        print_rows([vars(change) for change in changes], heads, format_)
    else:
        typer.echo("Nothing changed that anybody relies on.", err=True)
    if breaks_without_version(before, after):
        raise BadContract(
            after.path,
            None,
            f"a change breaks somebody, so version {after.version} needs to become a new one.",
        )
