"""`kpi step`: one step of one pipeline, for Airflow and for repairs."""

import importlib
import inspect
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.churn.drift_run import plan_drift
from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.churn.run import plan_snapshot, plan_training
from flows.churn.sources.clean_raw_sources import last_day_delivered
from flows.commands.crypto_events import runs
from flows.commands.options import SimulateDrift, day_of
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.crypto_events.run import plan_run
from flows.errors import BadInput
from flows.local.postgres.shared import running_warehouse
from flows.platform.orchestration.tasks import configure_prefect
from flows.platform.pipeline.declaration import Pipeline
from flows.platform.pipeline.lock import hold_pipeline
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings

LogicalDate = Annotated[
    datetime | None,
    typer.Option(
        metavar="MOMENT",
        formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"],
        help="A scheduler's date, where --as-of is left out: the day that it is then in "
        "KPI_TIME_ZONE; for churn the last day of PAYMENTS when that is earlier.",
    ),
]
HoldFor = Annotated[
    int,
    typer.Option(
        metavar="SECONDS",
        min=0,
        help="Keep other runs of the pipeline out for so long after the step, until the run's "
        "next one begins; its last step, and a failure, let go.",
    ),
]
ResultFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the result into a file as well.")
]


def _the_day_itself(_: Settings, day: date, **__: object) -> date:
    return day


@dataclass(frozen=True)
class Runnable:
    """A pipeline, the module that holds its steps, and what plans a run of it.

    `last_day` tells what a scheduler's day means to it: the day itself, or the last one delivered.
    """

    pipeline: Pipeline
    steps: str
    plan: Callable[..., Run]
    last_day: Callable[..., date] = last_day_delivered


RUNNABLE = {
    runnable.pipeline.name: runnable
    for runnable in (
        Runnable(CRYPTO_EVENTS, "flows.crypto_events.steps", plan_run, _the_day_itself),
        Runnable(TRAINING, "flows.churn.training_steps", plan_training),
        Runnable(SCORING, "flows.churn.scoring_steps", plan_snapshot),
        Runnable(DRIFT_MONITOR, "flows.churn.drift_steps", plan_drift),
        Runnable(WATCHDOG, "flows.churn.watchdog_steps", plan_snapshot),
    )
}


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(step)


def step(
    pipeline: Annotated[str, typer.Argument(help=", ".join(RUNNABLE))],
    name: Annotated[str, typer.Argument(metavar="STEP", help="A step of the pipeline.")],
    run_id: Annotated[str, typer.Option(help="The same for all steps of one run.")],
    as_of: runs.AsOf = None,
    logical_date: LogicalDate = None,
    window_days: runs.WindowDays = None,
    policy: runs.PolicyOption = None,
    max_reject_share: runs.MaxRejectShare = None,
    allow_mass_deactivation: runs.AllowMassDeactivation = False,
    source: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Churn: folder of the five CSV files.")
    ] = None,
    simulate_drift: SimulateDrift = 0,
    hold_for: HoldFor = 0,
    result_file: ResultFile = None,
) -> None:
    """Run one step; its result is the last line of the output, as JSON.

    Ends with 75 when it may pass by itself: a scheduler tries that again, and nothing else.
    """
    runnable = _runnable(pipeline, name)
    options: dict[str, Any] = {
        "window_days": window_days,
        "policy": policy,
        "max_reject_share": max_reject_share,
        "allow_mass_deactivation": allow_mass_deactivation or None,
        "source": source,
        "simulate_drift": simulate_drift or None,
    }
    given = {option: value for option, value in options.items() if value is not None}
    _check_options(runnable, given)
    # The log goes to stderr, the result alone to stdout.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("flows").setLevel(logging.INFO)
    with running_warehouse(load_settings()) as settings:
        configure_prefect(settings)  # for the step that tells Prefect of an event
        migrate(settings)
        first, last = runnable.pipeline.steps[0].name, runnable.pipeline.steps[-1].name
        day = day_of(as_of)
        if logical_date and not day:
            day = runnable.last_day(
                settings,
                logical_date.astimezone(settings.zone).date(),
                source=source,
                # The first step looks at what is delivered now, the others go by what it saw.
                run_id=None if name == first else run_id,
            )
        run = runnable.plan(settings, day, run_id=run_id, **given)
        seconds = 0 if name == last else hold_for
        with hold_pipeline(settings, pipeline, run, seconds_to_next_step=seconds):
            function = getattr(importlib.import_module(runnable.steps), name)
            result = json.dumps(asdict(function(settings, run)), default=str)
    if result_file:
        result_file.write_text(result, encoding="utf-8")
    typer.echo(result)


def _runnable(pipeline: str, step: str) -> Runnable:
    runnable = RUNNABLE.get(pipeline)
    if runnable is None:
        raise BadInput(f"There is no pipeline {pipeline}. Pipelines: {', '.join(RUNNABLE)}.")
    known = [known.name for known in runnable.pipeline.steps]
    if step not in known:
        raise BadInput(f"There is no step {pipeline} {step}. Its steps: {', '.join(known)}.")
    return runnable


def _check_options(runnable: Runnable, given: dict[str, Any]) -> None:
    known = inspect.signature(runnable.plan).parameters
    if others := [f"--{name.replace('_', '-')}" for name in given if name not in known]:
        raise BadInput(f"{runnable.pipeline.name} knows no {', '.join(others)}.")
