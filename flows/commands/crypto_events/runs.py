"""`kpi run`, `backfill`, `replay` and `plan`: the crypto events pipeline by hand."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from flows.commands.flow_runs import run_flow_in_process
from flows.commands.parameters import with_parameters
from flows.commands.rows import FormatOption
from flows.commands.tables import print_plan, print_publication
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.repair import backfill as backfills
from flows.crypto_events.repair.plan import plan_publication
from flows.errors import count_of
from flows.local.postgres.shared import running_warehouse
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect import Flow

_DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for command in (run, backfill, replay, plan):
        app.command()(command)


@with_parameters(PIPELINE)
def run(**parameters: Any) -> None:
    """Run the Prefect flow crypto-events: rebuild the window, validate, publish."""
    with running_warehouse(load_settings()) as settings:
        run_flow(settings, **parameters)


@with_parameters(
    PIPELINE, "policy", "max_reject_share", "allow_mass_deactivation", "accept_delivery"
)
def backfill(
    *,
    first: Annotated[datetime, typer.Option("--from", formats=_DAY, help="First day.")],
    last: Annotated[datetime, typer.Option("--to", formats=_DAY, help="Last day.")],
    **parameters: Any,
) -> None:
    """Publish past days again from the raw rows: the daily run with other dates, no fake rows."""
    with running_warehouse(load_settings()) as settings:
        windows = list(backfills.windows(first.date(), last.date()))
        migrate(settings)
        if pruned := backfills.pruned_days(settings, first.date(), last.date()):
            typer.echo(pruned, err=True)
        _run_windows(settings, windows, **parameters)


@with_parameters(PIPELINE, "policy", "max_reject_share", "accept_delivery")
def replay(**parameters: Any) -> None:
    """Decide again about open rejects, after a rule or a row was fixed: run their days again."""
    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        days = backfills.days_to_replay(settings)
        if not days:
            typer.echo("There is no open reject and no new correction: nothing to replay.")
            return
        _run_windows(settings, backfills.windows_of_days(days), **parameters)


@with_parameters(PIPELINE, "as_of", "window_days", "policy")
def plan(*, format_: FormatOption = "table", **parameters: Any) -> None:
    """Show what a run would insert, update and deactivate, without doing it."""
    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        planned = PIPELINE.plan_run(settings, parameters)
        print_plan(settings, planned, plan_publication(settings, planned), format_)


def run_flow(settings: Settings, **parameters: Any) -> None:
    """Run the flow in this process and print its summary.

    Raises DataRejected with the flow's sentence when the run failed.
    """
    run_id = run_flow_in_process(settings, _flow, **parameters)
    print_publication(Console(), settings, run_id)


def _flow() -> "Flow[Any, Any]":
    from flows.crypto_events.flow import crypto_events

    return crypto_events


def _run_windows(
    settings: Settings, windows: Iterable[tuple[date, int]], **parameters: Any
) -> None:
    planned = list(windows)
    for number, (as_of, window_days) in enumerate(planned, 1):
        days = count_of(window_days, "day")
        typer.echo(f"Window {number} of {len(planned)}: {days} up to {as_of}", err=True)
        run_flow(settings, as_of=as_of, window_days=window_days, generate=False, **parameters)
