"""A flow run from start to end: what every pipeline does around its steps."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from flows.errors import KpiError, Unavailable, first_line
from flows.log_lines import belongs_to
from flows.platform.orchestration.blocks import flow_settings
from flows.platform.orchestration.patience import ended_when_left_alone
from flows.platform.orchestration.run_logs import recorded_log
from flows.platform.orchestration.tasks import Steps
from flows.platform.pipeline.declaration import Pipeline
from flows.platform.pipeline.lineage.runner import told_run
from flows.platform.pipeline.lock import PipelineLock, pipeline_lock
from flows.platform.pipeline.notifications import collected_notifications
from flows.platform.pipeline.unexpected import UnexpectedError, without_its_text
from flows.platform.storage.buckets import require_runs_bucket
from flows.platform.storage.full_disk import full_disk
from flows.platform.tracking.away import mlflow_is_away
from flows.platform.warehouse.connection import is_transient, wait_for_warehouse
from flows.platform.warehouse.errors import refusal
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect.states import State


def managed_run(
    pipeline: Pipeline, take_steps: Callable[..., object], given: Mapping[str, Any]
) -> "dict[str, Any] | State[Any]":
    """Plan the run from its parameters, then take its steps under the pipeline's lock.

    Migrates the tables first. `take_steps` gets the steps, and the parameters outside the plan as
    keyword arguments. Returns the run, its messages and the result of `take_steps` as JSON, or a
    Failed state with a one-sentence message. Errors that users cannot act on are raised, without
    their texts, which the run's log has.
    """
    from prefect.runtime import flow_run
    from prefect.states import Failed

    from flows.platform.orchestration.startup.compatibility import log_from_prefects_level

    log_from_prefects_level()
    flags = {found.name: given[found.name] for found in pipeline.parameters if not found.planned}
    try:
        settings = flow_settings()
        with (
            belongs_to(flow_run.get_id()),
            recorded_log(settings, pipeline.title, flow_run.get_id()),
            _texts_kept_here(),
            told_run(settings, pipeline, flow_run.get_id()) as told,
        ):
            require_runs_bucket(settings)
            run = pipeline.plan_run(settings, given, flow_run.get_id())
            told.begins(run)
            migrate(settings)
            with (
                ended_when_left_alone(),
                pipeline_lock(settings, pipeline.name, run) as lock,
                collected_notifications() as messages,
            ):
                steps = Steps(pipeline, settings, run, partial(_await_lock, settings, lock))
                result = take_steps(steps, **flags)
                steps.check_complete(given)
    except Exception as error:
        sentence = _told(error)
        if sentence is None:
            raise
        # Prefect stores it as the run's result, so it is never another program's error.
        return Failed(message=str(sentence), data=sentence)
    return {"run": str(run), "messages": messages, "result": _as_json(result)}


def _await_lock(settings: Settings, lock: PipelineLock) -> None:
    """Make sure of the lock before a step, once the warehouse is back if it was away."""
    try:
        lock.check()
    except psycopg.OperationalError:
        wait_for_warehouse(settings)
        lock.check()


def _as_json(result: object) -> Any:
    if is_dataclass(result) and not isinstance(result, type):
        result = asdict(result)
    return json.loads(json.dumps(result, default=str))


@contextmanager
def _texts_kept_here() -> Iterator[None]:
    """Let a bug out without its text; Prefect's own errors quote nothing."""
    try:
        yield
    except Exception as error:
        known = isinstance(error, UnexpectedError) or type(error).__module__.startswith("prefect")
        if known or _told(error):
            raise
        raise without_its_text(error) from None


def _told(error: Exception) -> KpiError | None:
    """Return the sentence for an error that users can act on; None for a bug of ours."""
    if isinstance(error, KpiError):
        return error
    if sentence := full_disk(error, load_settings().home):
        return KpiError(sentence)
    if away := mlflow_is_away(error):
        return away
    if refused := refusal(error):
        return refused
    if is_transient(error):
        return Unavailable(
            f"The warehouse cut the run short: {first_line(error)}. "
            "No step is half done: run again, or try `kpi doctor`."
        )
    return None
