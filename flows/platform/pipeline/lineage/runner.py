"""The one place where steps are taken: Prefect, Airflow and the command line all pass it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pkgutil import resolve_name
from typing import Any, TypeVar

from flows.errors import KpiError
from flows.platform.pipeline.declaration import Dataset, Pipeline, Step
from flows.platform.pipeline.lineage.events import EventType, run_event
from flows.platform.pipeline.lineage.facts import Facts
from flows.platform.pipeline.lineage.receiver import receiver
from flows.platform.pipeline.run import Run, UnplannedRun
from flows.platform.warehouse.connection import (
    database_url,
    execute,
    is_transient,
    transaction,
)
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


class ToldRun:
    """One whole run as others see it: it begins when its plan is made, and ends once.

    A run that fails before that begins as it fails. `first` says whether its first step is taken
    here, `last` whether its last one is.
    """

    def __init__(
        self, settings: Settings, pipeline: Pipeline, run: Run, *, first: bool, last: bool
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._run = run
        self._first = first
        self._last = last

    def begins(self, run: Run, *, goes_on: bool = False) -> None:
        """Tell that the run begins, unless it `goes_on` after an earlier process of it."""
        self._run = run
        if self._first and not goes_on:
            _tell("START", self._settings, self._pipeline, run)
        self._first = False

    def ends(self, kind: EventType, error: Exception | None = None) -> None:
        """Tell how the run ends."""
        self.begins(self._run)
        told = _told(error) if error else None
        _tell(kind, self._settings, self._pipeline, self._run, error=told)

    def completes(self) -> None:
        """Tell that the run is complete, if its last step is."""
        if self._last:
            self.ends("COMPLETE")


@contextmanager
def told_run(
    settings: Settings,
    pipeline: Pipeline,
    run_id: str,
    *,
    first: bool = True,
    last: bool = True,
    tried_again: bool = False,
) -> Iterator[ToldRun]:
    """Tell how the whole run ends, and how it begins: the block says when, once it is planned.

    Where each step is a process of its own, `first` and `last` say whether the run begins or ends
    with this one. Where this one is `tried_again` by itself, neither an error that may pass nor an
    interruption ends the run.
    """
    told = ToldRun(settings, pipeline, UnplannedRun(run_id=run_id), first=first, last=last)
    try:
        yield told
    except Exception as error:
        if not (tried_again and is_transient(error)):
            told.ends("FAIL", error)
        raise
    except BaseException:
        if not tried_again:
            told.ends("ABORT")
        raise
    else:
        told.completes()
    finally:
        receiver(settings).finish()


def tell_lost(settings: Settings, pipeline: str, run_id: str) -> None:
    """Tell that a run of the pipeline was cut short, when its own process cannot any more."""
    _tell("ABORT", settings, Pipeline(pipeline, plan="", steps=()), UnplannedRun(run_id=run_id))
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
        # First: it takes the client's variables from the file of settings, if there is one.
        taker = receiver(settings)
        if not taker.listens:
            return
        # A step that refuses what it read may say what it found out before.
        known = kind == "COMPLETE" or result is not None
        facts = _facts(settings, pipeline, run, step, result) if step and known else None
        event = run_event(kind, settings, pipeline, run, step, facts=facts, error=error)
        taker.take(event)
    except Exception as wrong:
        logger.warning("No lineage of %s (%s).", pipeline.name, type(wrong).__name__)


def _told(error: Exception) -> str:
    """What others may know of an error: a sentence of ours, or its kind, never values."""
    with suppress(Exception):
        if known := error if isinstance(error, KpiError) else refusal(error):
            return str(known)
    return type(error).__name__


def _facts(settings: Settings, pipeline: Pipeline, run: Run, step: Step, result: Any) -> Facts:
    facts: Facts = resolve_name(step.facts)(settings, run, result) if step.facts else Facts()
    tables = _tables(step)
    if not tables:
        return facts
    columns = _columns_of_run(database_url(settings), run.run_id)
    if not all(columns.get(table) for table in tables):
        of_all = {table for each in pipeline.steps for table in _tables(each)} | tables
        columns |= _columns(settings, [table for table in of_all if not columns.get(table)])
    return replace(facts, fields={**{table: columns[table] for table in tables}, **facts.fields})


def _tables(step: Step) -> set[Dataset]:
    return {one for one in (*step.inputs, *step.outputs) if one.kind == "table"}


@lru_cache(maxsize=1)
def _columns_of_run(_database: str, _run_id: str) -> dict[Dataset, dict[str, str]]:
    """Return what is known of tables in this run: no step changes a column.

    Each question is a connection, which costs more than the rest of the run's lineage.
    """
    return {}


def _columns(settings: Settings, tables: list[Dataset]) -> dict[Dataset, dict[str, str]]:
    """Return names and types of the tables' columns, as the warehouse has them now."""
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
