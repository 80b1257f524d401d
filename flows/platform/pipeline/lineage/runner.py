"""The one place where steps are taken: Prefect, Airflow and the command line all pass it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pkgutil import resolve_name
from typing import Any, TypeVar

from flows.errors import KpiError
from flows.platform.pipeline.declaration import Dataset, Pipeline, Step
from flows.platform.pipeline.lineage.events import EventType, run_event
from flows.platform.pipeline.lineage.facts import Facts
from flows.platform.pipeline.lineage.receiver import receiver
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import execute, is_transient, transaction
from flows.platform.warehouse.errors import refusal
from flows.settings import Settings

logger = logging.getLogger(__name__)

AnyRun = TypeVar("AnyRun", bound=Run)
Result = TypeVar("Result")


def take_step(
    pipeline: Pipeline,
    step: Step,
    function: Callable[[Settings, AnyRun], Result],
    settings: Settings,
    run: AnyRun,
) -> Result:
    """Call the step's function and return its result; tell what it read and wrote.

    Raises what the function raises, and nothing else.
    """
    _tell("START", settings, pipeline, run, step)
    try:
        result = function(settings, run)
    except Exception as error:
        found = getattr(error, "found", None)
        _tell("FAIL", settings, pipeline, run, step, result=found, error=_told(error))
        raise
    except BaseException:
        _tell("ABORT", settings, pipeline, run, step)
        raise
    _tell("COMPLETE", settings, pipeline, run, step, result=result)
    return result


@contextmanager
def told_run(
    settings: Settings, pipeline: Pipeline, run: Run, *, first: bool = True, last: bool = True
) -> Iterator[None]:
    """Tell how the whole run begins and ends, around its steps.

    Where each step is a process of its own, `first` and `last` say whether the run begins or ends
    with this one; an error that may pass ends only the step.
    """
    if first:
        _tell("START", settings, pipeline, run)
    try:
        yield
    except Exception as error:
        if (first and last) or not is_transient(error):
            _tell("FAIL", settings, pipeline, run, error=_told(error))
        raise
    except BaseException:
        _tell("ABORT", settings, pipeline, run)
        raise
    else:
        if last:
            _tell("COMPLETE", settings, pipeline, run)
    finally:
        receiver(settings).finish()


def _tell(
    kind: EventType,
    settings: Settings,
    pipeline: Pipeline,
    run: Run,
    step: Step | None = None,
    *,
    result: Any = None,
    error: str | None = None,
) -> None:
    """Hand the event over; whatever goes wrong is a line in the log."""
    try:
        # A step that refuses what it read may say what it found out before.
        known = kind == "COMPLETE" or result is not None
        facts = _facts(settings, run, step, result) if step and known else None
        event = run_event(kind, settings, pipeline, run, step, facts=facts, error=error)
        receiver(settings).take(event)
    except Exception as wrong:
        logger.warning("No lineage of %s (%s).", pipeline.name, type(wrong).__name__)


def _told(error: Exception) -> str:
    """What others may know of an error: a sentence of ours, or its kind, never values."""
    with suppress(Exception):
        if known := error if isinstance(error, KpiError) else refusal(error):
            return str(known)
    return type(error).__name__


def _facts(settings: Settings, run: Run, step: Step, result: Any) -> Facts:
    facts: Facts = resolve_name(step.facts)(settings, run, result) if step.facts else Facts()
    tables = [one for one in {*step.inputs, *step.outputs} if one.kind == "table"]
    return replace(facts, fields={**_columns(settings, tables), **facts.fields})


def _columns(settings: Settings, tables: list[Dataset]) -> dict[Dataset, dict[str, str]]:
    """Return names and types of the tables' columns, as the warehouse has them now."""
    if not tables:
        return {}
    with transaction(settings, "lineage") as connection:
        rows = execute(
            connection,
            "platform/pipeline/columns_of_tables.sql",
            {"tables": [table.name for table in tables]},
        ).fetchall()
    found: dict[Dataset, dict[str, str]] = {table: {} for table in tables}
    for row in rows:
        found[Dataset("table", row["name"])][row["column_name"]] = row["data_type"]
    return found
