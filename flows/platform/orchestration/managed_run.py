"""A flow run from its first instruction to its last: what every pipeline does around its steps."""

import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flows.errors import KpiError
from flows.platform.connections import flow_settings
from flows.platform.orchestration.run_logs import kept_log
from flows.platform.pipeline.declaration import Pipeline
from flows.platform.pipeline.lock import hold_pipeline
from flows.platform.pipeline.notifications import collected_notifications
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import is_transient
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

if TYPE_CHECKING:
    from prefect.states import State

AnyRun = TypeVar("AnyRun", bound=Run)


def conduct(
    pipeline: Pipeline,
    plan: Callable[[Settings], AnyRun],
    steps: Callable[[Settings, AnyRun], object],
) -> "dict[str, Any] | State[Any]":
    """Plan a run, then take its `steps` while no other run of the pipeline does.

    Brings the tables up to date first. Returns which run it was, what was said about it and what
    `steps` returned, as JSON has it; or Failed with a sentence. What is ours to repair is raised.
    """
    from prefect.runtime import flow_run
    from prefect.states import Failed

    from flows.platform.orchestration.compatibility import log_from_prefects_level

    log_from_prefects_level()
    try:
        settings = flow_settings()
        with kept_log(settings, pipeline.title, flow_run.get_id()):
            run = plan(settings)
            migrate(settings)
            with (
                hold_pipeline(settings, pipeline.name, run),
                collected_notifications() as said,
            ):
                result = steps(settings, run)
    except Exception as error:
        reason = _reason(error)
        if reason is None:
            raise
        return Failed(message=reason, data=error)
    return {"run": str(run), "said": said, "result": _as_json(result)}


def _as_json(result: object) -> Any:
    if is_dataclass(result) and not isinstance(result, type):
        result = asdict(result)
    return json.loads(json.dumps(result, default=str))


def _reason(error: Exception) -> str | None:
    """Return the sentence for what people can act on; None for what is ours to repair."""
    if isinstance(error, KpiError):
        return str(error)
    if is_transient(error):
        return (
            f"The warehouse cut the run short: {str(error).strip().splitlines()[0]}. "
            "No step is half done: run again, or try `kpi doctor`."
        )
    return None
