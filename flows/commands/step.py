"""`kpi step`: one step of one pipeline, for Airflow and for repairs."""

import json
import logging
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from pkgutil import resolve_name
from shlex import quote
from typing import Annotated, Any

import typer

from flows.commands.parameters import PIPELINES, with_parameters_of_every_pipeline
from flows.errors import BadInput, KpiError
from flows.local.postgres.shared import running_warehouse
from flows.log_lines import belongs_to
from flows.platform.orchestration.environment import configure_prefect
from flows.platform.pipeline.declaration import Pipeline
from flows.platform.pipeline.lineage.runner import take_step, told_run
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings
from flows.terminal_log import log_to_stderr

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
TriesLeft = Annotated[
    int,
    typer.Option(
        metavar="N",
        min=0,
        help="How often the scheduler tries the step again by itself: only without any left does "
        "an error that may pass, or an interruption, end the whole run in its lineage.",
    ),
]
_BY_NAME = {pipeline.name: pipeline for pipeline in PIPELINES}

ResultFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the result into a file as well.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(step)


@with_parameters_of_every_pipeline
def step(
    *,
    pipeline: Annotated[str, typer.Argument(help=", ".join(_BY_NAME))],
    name: Annotated[str, typer.Argument(metavar="STEP", help="A step of the pipeline.")],
    run_id: Annotated[str, typer.Option(help="The same for all steps of one run.")],
    logical_date: LogicalDate = None,
    hold_for: HoldFor = 0,
    tries_left: TriesLeft = 0,
    result_file: ResultFile = None,
    **parameters: Any,
) -> None:
    """Run one step; its result is the last line of the output, as JSON.

    Ends with 75 when it may pass by itself: a scheduler tries that again, and nothing else.
    """
    declared = _pipeline(pipeline, name)
    if not run_id.strip():  # a variable of a script that is not set
        raise BadInput("--run-id is empty. Give the same text to all steps of one run.")
    given = _given(declared, parameters)
    # The log goes to stderr, the result alone to stdout.
    found_settings = load_settings()
    log_to_stderr()
    logging.getLogger("flows").setLevel(logging.INFO)
    first, last = declared.steps[0].name, declared.steps[-1].name
    ends = {"first": name in _may_begin(declared), "last": name == last}
    with (
        belongs_to(run_id),
        running_warehouse(found_settings) as settings,
        told_run(settings, declared, run_id, **ends, tried_again=tries_left > 0) as told,
    ):
        configure_prefect(settings)  # for the step that tells Prefect of an event
        migrate(settings)
        if logical_date and not given.get("as_of"):
            day = logical_date.astimezone(settings.zone).date()
            # The first step looks at what is delivered now, the others go by what it saw.
            checked_by = None if name == first else run_id
            given["as_of"] = _last_day(declared, settings, day, given.get("source"), checked_by)
        run = declared.plan_run(settings, given, run_id)
        seconds = 0 if name == last else hold_for
        with pipeline_lock(settings, pipeline, run, seconds_to_next_step=seconds) as lock:
            told.begins(run, goes_on=lock.goes_on)
            result = json.dumps(asdict(_take(declared, name, settings, run)), default=str)
    if result_file:
        result_file.write_text(result, encoding="utf-8")
    typer.echo(result)


def _take(pipeline: Pipeline, name: str, settings: Settings, run: Run) -> Any:
    """Take the step; an error that another step is missing says how to take that one."""
    try:
        step = pipeline.step(name)
        return take_step(pipeline, step, step.load(), settings, run)
    except KpiError as error:
        if error.needs_step is None:
            raise
        command = f"kpi step {pipeline.name} {error.needs_step} --run-id {quote(run.run_id)}"
        raise type(error)(
            f"{error.sentence} Take the step {error.needs_step} first: {command}, with the options "
            "of this one; under Airflow, clear its task."
        ) from error


def _may_begin(pipeline: Pipeline) -> list[str]:
    """Return the steps that a run can begin with: one may be left out."""
    always = [step.only_with is None for step in pipeline.steps].index(True)
    return [step.name for step in pipeline.steps[: always + 1]]


def _pipeline(name: str, step: str) -> Pipeline:
    pipeline = _BY_NAME.get(name)
    if pipeline is None:
        raise BadInput(f"There is no pipeline {name}. Pipelines: {', '.join(_BY_NAME)}.")
    known = [known.name for known in pipeline.steps]
    if step not in known:
        raise BadInput(f"There is no step {name} {step}. Its steps: {', '.join(known)}.")
    return pipeline


def _given(pipeline: Pipeline, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what was given; raise BadInput for a parameter of another pipeline."""
    defaults = {known.name: known.default for each in PIPELINES for known in each.parameters}
    given = {
        name: value
        for name, value in parameters.items()
        if value is not None and value != defaults[name]
    }
    known = {parameter.name for parameter in pipeline.planned_parameters} | {"as_of"}
    if others := [f"--{name.replace('_', '-')}" for name in given if name not in known]:
        raise BadInput(f"{pipeline.name} knows no {', '.join(others)}.")
    return given


def _last_day(
    pipeline: Pipeline, settings: Settings, day: date, source: str | None, run_id: str | None
) -> date:
    """Return what a scheduler's day means to the pipeline: itself, or the last day delivered."""
    if pipeline.last_day is None:
        return day
    folder = Path(source) if source else None
    last: date = resolve_name(pipeline.last_day)(settings, day, source=folder, run_id=run_id)
    return last
