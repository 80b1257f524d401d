"""`kpi run`, `backfill`, `replay`, `plan` and `step`: the crypto events pipeline by hand."""

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer
from rich.console import Console

from flows.commands.tables import print_plan, print_publication
from flows.crypto_events import backfill as backfills
from flows.crypto_events import steps
from flows.crypto_events.pipeline import PIPELINE
from flows.crypto_events.plan import plan_publication
from flows.crypto_events.run import plan_run
from flows.local.warehouse import running_warehouse
from flows.platform.errors import BadInput, DataRejected
from flows.platform.migrations import migrate
from flows.platform.orchestrator import configure_prefect
from flows.platform.settings import Settings, load_settings
from flows.platform.warehouse import database_url, hold_pipeline

if TYPE_CHECKING:
    from prefect.states import State

_DAY = ["%Y-%m-%d"]
Policy = Literal["abort", "quarantine"]
AsOf = Annotated[
    datetime | None,
    typer.Option(formats=_DAY, help="Last day of the window; today when left out."),
]
WindowDays = Annotated[int | None, typer.Option(min=1, max=3660, help="How many days to rebuild.")]
PolicyOption = Annotated[
    Policy | None,
    typer.Option(help="abort stops at bad rows; quarantine publishes the rest."),
]
MaxRejectShare = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Share of bad rows that quarantine tolerates."),
]
AllowMassDeactivation = Annotated[
    bool,
    typer.Option(help="Publish even if a large share of the live rows vanished."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for command in (run, backfill, replay, plan, step):
        app.command()(command)


def run(
    as_of: AsOf = None,
    window_days: WindowDays = None,
    policy: PolicyOption = None,
    max_reject_share: MaxRejectShare = None,
    allow_mass_deactivation: AllowMassDeactivation = False,
    generate: Annotated[bool, typer.Option(help="Top the window up with fake rows first.")] = True,
) -> None:
    """Run the Prefect flow crypto-events: rebuild the window, validate, publish."""
    with running_warehouse(load_settings()) as settings:
        run_flow(
            settings,
            as_of=_day(as_of),
            window_days=window_days,
            policy=policy,
            max_reject_share=max_reject_share,
            allow_mass_deactivation=allow_mass_deactivation,
            generate=generate,
        )


def backfill(
    first: Annotated[datetime, typer.Option("--from", formats=_DAY, help="First day.")],
    last: Annotated[datetime, typer.Option("--to", formats=_DAY, help="Last day.")],
    policy: PolicyOption = None,
    max_reject_share: MaxRejectShare = None,
    allow_mass_deactivation: AllowMassDeactivation = False,
) -> None:
    """Publish past days again from the raw rows: the daily run with other dates, no fake rows."""
    with running_warehouse(load_settings()) as settings:
        _run_windows(
            settings,
            backfills.windows(first.date(), last.date()),
            policy=policy,
            max_reject_share=max_reject_share,
            allow_mass_deactivation=allow_mass_deactivation,
        )


def replay(policy: PolicyOption = None, max_reject_share: MaxRejectShare = None) -> None:
    """Decide again about open rejects, after a rule or a row was fixed: run their days again."""
    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        days = backfills.days_to_replay(settings)
        if not days:
            typer.echo("There is no open reject and no new correction: nothing to replay.")
            return
        _run_windows(
            settings,
            backfills.windows_of_days(days),
            policy=policy,
            max_reject_share=max_reject_share,
        )


def plan(as_of: AsOf = None, window_days: WindowDays = None, policy: PolicyOption = None) -> None:
    """Show what a run would insert, update and deactivate, without doing it."""
    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        planned = plan_run(settings, _day(as_of), window_days=window_days, policy=policy)
        print_plan(Console(), planned, plan_publication(settings, planned))


def step(
    pipeline: Annotated[str, typer.Argument(help="crypto_events")],
    name: Annotated[str, typer.Argument(metavar="STEP", help="A step of the pipeline.")],
    run_id: Annotated[str, typer.Option(help="The same for all steps of one run.")],
    as_of: AsOf = None,
    window_days: WindowDays = None,
    policy: PolicyOption = None,
    max_reject_share: MaxRejectShare = None,
    allow_mass_deactivation: AllowMassDeactivation = False,
) -> None:
    """Run one step; its result is the last line of the output, as JSON."""
    known = [known.name for known in PIPELINE.steps]
    if pipeline != PIPELINE.name or name not in known:
        raise BadInput(
            f"There is no step {pipeline} {name}. Steps of {PIPELINE.name}: {', '.join(known)}."
        )
    # The log goes to stderr, the result alone to stdout.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("flows").setLevel(logging.INFO)
    with running_warehouse(load_settings()) as settings:
        migrate(settings)
        planned = plan_run(
            settings,
            _day(as_of),
            window_days=window_days,
            policy=policy,
            max_reject_share=max_reject_share,
            allow_mass_deactivation=allow_mass_deactivation,
            run_id=run_id,
        )
        with hold_pipeline(settings, PIPELINE.name, planned):
            result = getattr(steps, name)(settings, planned)
    typer.echo(json.dumps(asdict(result), default=str))


def run_flow(settings: Settings, **parameters: Any) -> None:
    """Run the flow in this process and print its summary.

    Raises DataRejected with the flow's sentence when the run failed.
    """
    configure_prefect(settings)
    # The flow reads the settings itself, as it does under a Prefect worker.
    os.environ["KPI_DATABASE_URL"] = database_url(settings)
    from flows.crypto_events.flow import crypto_events

    state = cast("State[None]", crypto_events(**parameters, return_state=True))
    if not state.is_completed():
        raise DataRejected(state.message or "The run failed; see the log above.")
    print_publication(Console(), settings, str(state.state_details.flow_run_id))


def _run_windows(
    settings: Settings, windows: Iterable[tuple[date, int]], **parameters: Any
) -> None:
    planned = list(windows)
    for number, (as_of, window_days) in enumerate(planned, 1):
        typer.echo(f"Window {number} of {len(planned)}: {window_days} days up to {as_of}", err=True)
        run_flow(settings, as_of=as_of, window_days=window_days, generate=False, **parameters)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
