"""`kpi step`: one step of one pipeline, for Airflow and for repairs."""

import importlib
import inspect
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.churn.drift_run import plan_drift
from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.churn.run import plan_snapshot, plan_training
from flows.commands import crypto_events
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.crypto_events.run import plan_run
from flows.local.warehouse import running_warehouse
from flows.platform.errors import BadInput
from flows.platform.migrations import migrate
from flows.platform.orchestrator import configure_prefect
from flows.platform.pipeline import Pipeline
from flows.platform.run import Run
from flows.platform.settings import load_settings
from flows.platform.warehouse import hold_pipeline


@dataclass(frozen=True)
class Runnable:
    """A pipeline, the module that holds its steps, and what plans a run of it."""

    pipeline: Pipeline
    steps: str
    plan: Callable[..., Run]


RUNNABLE = {
    runnable.pipeline.name: runnable
    for runnable in (
        Runnable(CRYPTO_EVENTS, "flows.crypto_events.steps", plan_run),
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
    as_of: crypto_events.AsOf = None,
    window_days: crypto_events.WindowDays = None,
    policy: crypto_events.PolicyOption = None,
    max_reject_share: crypto_events.MaxRejectShare = None,
    allow_mass_deactivation: crypto_events.AllowMassDeactivation = False,
    source: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Churn: folder of the five CSV files.")
    ] = None,
) -> None:
    """Run one step; its result is the last line of the output, as JSON."""
    runnable = _runnable(pipeline, name)
    options: dict[str, Any] = {
        "window_days": window_days,
        "policy": policy,
        "max_reject_share": max_reject_share,
        "allow_mass_deactivation": allow_mass_deactivation or None,
        "source": source,
    }
    given = {option: value for option, value in options.items() if value is not None}
    _check_options(runnable, given)
    # The log goes to stderr, the result alone to stdout.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("flows").setLevel(logging.INFO)
    with running_warehouse(load_settings()) as settings:
        configure_prefect(settings)  # for the step that tells Prefect of an event
        migrate(settings)
        run = runnable.plan(settings, as_of.date() if as_of else None, run_id=run_id, **given)
        with hold_pipeline(settings, runnable.pipeline.name, run):
            function = getattr(importlib.import_module(runnable.steps), name)
            result = function(settings, run)
    typer.echo(json.dumps(asdict(result), default=str))


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
