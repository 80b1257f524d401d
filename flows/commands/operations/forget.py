"""`kpi forget`: take a person out of everything that is kept."""

import getpass
from dataclasses import asdict
from typing import Annotated

import typer
from pydantic import SecretStr

from flows.commands.rows import FormatOption, print_rows
from flows.errors import BadInput, KpiError
from flows.local.postgres.prefect_layout import prefect_address
from flows.local.postgres.shared import embedded_server, is_embedded, running_warehouse
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(forget)


def forget(
    user: Annotated[
        str | None, typer.Argument(help="The id, as in user_id or CUS_CUST_ID_BUY.")
    ] = None,
    why: Annotated[
        str | None, typer.Option(help="Why, for whoever reads it later; without the id.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who decides; you, when left out.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    lift: Annotated[
        bool, typer.Option("--lift", help="Take deliveries of this user again.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Apply the whole ledger again, as after a restore.")
    ] = False,
    format_: FormatOption = "table",
) -> None:
    """Delete a user from every table, file and log, and store no delivery of theirs any more."""
    from flows.forgetting import forget as forgetting

    _check(user, why, dry_run=dry_run, lift=lift, again=again)
    decided_by = by or getpass.getuser()
    with running_warehouse(load_settings()) as warehouse:
        settings = _with_prefect(warehouse)
        migrate(settings)
        if again:
            found = forgetting.forget_again(settings)
        elif lift:
            forgetting.lift(settings, user or "", why=why or "", by=decided_by)
            typer.echo("Deliveries of this user are taken again; what was deleted stays so.")
            return
        elif dry_run:
            found = forgetting.look_for(settings, user or "")
        else:
            shared = not is_embedded(settings)
            found = forgetting.forget(
                settings, user or "", why=why or "", by=decided_by, shared=shared
            )
    done = "would be " if dry_run else ""
    print_rows(
        [
            {**asdict(trace), "done": trace.done if trace.done == "left" else done + trace.done}
            for trace in found.traces
        ],
        {"place": "where", "found": "found", "done": "done"},
        format_,
        counts={"found"},
        nothing="Nothing was found.",
    )
    if found.not_done:
        raise KpiError(f"{' '.join(found.not_done)} Mend that, then run the same command again.")


def _with_prefect(settings: Settings) -> Settings:
    """Name the database of the server that `kpi up` starts: it keeps people while it is down."""
    if settings.prefect_database_url or not is_embedded(settings):
        return settings
    address = prefect_address(embedded_server(settings))
    return settings.model_copy(
        update={"prefect_database_url": SecretStr(address) if address else None}
    )


def _check(user: str | None, why: str | None, *, dry_run: bool, lift: bool, again: bool) -> None:
    if dry_run + lift + again > 1:
        raise BadInput("--dry-run, --lift and --again are three commands: give one of them.")
    if again and (user or why):
        raise BadInput("--again is for everybody in the ledger: give it alone.")
    if not again and user is None:
        raise BadInput("Name the user whom to forget: kpi forget USER --why TEXT.")
    if not again and not dry_run and not why:
        raise BadInput("Say why, for whoever reads the ledger later: --why TEXT.")
