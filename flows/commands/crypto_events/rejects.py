"""`kpi rejects`: see open rejects, dismiss them, correct a row."""

import getpass
from typing import Annotated

import typer

from flows.commands.rows import FormatOption, print_rows
from flows.commands.tables import print_rejects
from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.repair import rejects
from flows.errors import BadInput, count_of
from flows.local.postgres.shared import running_warehouse
from flows.platform.warehouse.migrations import migrate, migrated
from flows.settings import load_settings

By = Annotated[str | None, typer.Option(help="Who decides; you, when left out.")]
Why = Annotated[str, typer.Option(help="Why, for whoever reads it later.")]

_OF_A_REJECT = ("raw_id", "source_name", "source_row_number", "reasons")

app = typer.Typer(help="Rows that broke the contract, and what to do with them.")


def register(main: typer.Typer) -> None:
    """Add the commands to the app."""
    main.add_typer(app, name="rejects")


@app.callback(invoke_without_command=True)
def show_by_reason(context: typer.Context, format_: FormatOption = "table") -> None:
    """Show open rejects by reason."""
    if context.invoked_subcommand is None:
        with (
            running_warehouse(load_settings()) as settings,
            migrated(settings, "rejects") as connection,
        ):
            print_rejects(rejects.open_rejects_by_reason(connection, settings), format_)
    elif format_ != "table":
        raise BadInput(f"Write --format after {context.invoked_subcommand}.")


@app.command("list")
def show_rows(
    reason: Annotated[str | None, typer.Option(help="Only rows with this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 20,
    format_: FormatOption = "table",
) -> None:
    """List open rejected rows as they arrived, newest first."""
    with (
        running_warehouse(load_settings()) as settings,
        migrated(settings, "rejects") as connection,
    ):
        rows = rejects.open_rejects(connection, reason, limit)
    print_rows(
        rows,
        {name: name for name in (*_OF_A_REJECT, *RAW_COLUMNS)},
        format_,
        nothing="There is no such open reject.",
    )


@app.command()
def dismiss(
    raw_ids: Annotated[list[int] | None, typer.Argument(metavar="[RAW_ID]...")] = None,
    reason: Annotated[str | None, typer.Option(help="All open rejects with this reason.")] = None,
    *,
    why: Why,
    by: By = None,
) -> None:
    """Set known bad rows aside for good: they block no further run, even if delivered again."""
    if bool(raw_ids) == bool(reason):
        raise BadInput("Name the rows: either RAW_IDs or --reason, not both.")
    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        rows = rejects.dismiss(
            settings, by=by or getpass.getuser(), why=why, reason=reason, raw_ids=raw_ids or []
        )
    typer.echo(f"Dismissed {count_of(rows, 'row')}.")


@app.command()
def correct(
    raw_id: Annotated[int, typer.Argument()],
    values: Annotated[list[str], typer.Argument(metavar="COLUMN=VALUE...")],
    *,
    why: Why,
    by: By = None,
) -> None:
    """Store a corrected copy of a rejected row; the row itself stays as it arrived."""
    pairs = dict(value.partition("=")[::2] for value in values if "=" in value)
    if len(pairs) != len(values):
        raise BadInput("Write corrections as COLUMN=VALUE, for example purchase_price=1.5.")
    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        copy, day = rejects.correct(settings, raw_id, pairs, by=by or getpass.getuser(), why=why)
    typer.echo(f"Raw row {copy} is the corrected copy, dated {day}. Publish it with kpi replay.")
