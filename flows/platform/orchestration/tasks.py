"""How a declared step becomes a Prefect task, and how a flow takes its steps.

Nothing here imports Prefect at module level: `configure_prefect` must run first.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from flows.errors import KpiError, Unavailable, first_line
from flows.platform.pipeline.declaration import FIRST_RETRY_SECONDS, Pipeline, Step
from flows.platform.pipeline.lineage.runner import take_step
from flows.platform.pipeline.report import Report
from flows.platform.pipeline.run import Run
from flows.platform.pipeline.unexpected import without_its_text
from flows.platform.storage.full_disk import full_disk
from flows.platform.tracking.away import mlflow_is_away
from flows.platform.warehouse.connection import is_transient
from flows.platform.warehouse.errors import refusal
from flows.settings import Settings

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import TaskRun
    from prefect.states import State

logger = logging.getLogger(__name__)
# Logs each step as it begins, for progress displays; Prefect logs the same.
STEPS = logging.getLogger(f"{__name__}.steps")
STEPS.propagate = False

AnyRun = TypeVar("AnyRun", bound=Run)
Result = TypeVar("Result")

_TRANSIENT = "TransientFailure"


class Steps(Generic[AnyRun]):
    """The steps of one run: call it with a step's function to take that step as a Prefect task."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        run: AnyRun,
        before_each: Callable[[], None] | None = None,
    ) -> None:
        self.settings = settings
        self.run = run
        self._pipeline = pipeline
        self._before_each = before_each
        self._taken: list[Step] = []

    def __call__(self, function: Callable[[Settings, AnyRun], Result]) -> Result:
        """Take the step and return its result.

        Raises what the step raised once its retries are used up, and LookupError for a function
        that the pipeline does not declare, or declares before a step already taken.
        """
        step = declared_step(self._pipeline, function)
        declared = self._pipeline.steps
        if self._taken and declared.index(step) <= declared.index(self._taken[-1]):
            raise LookupError(
                f"{self._pipeline.name} declares {step.name} before {self._taken[-1].name}."
            )
        self._taken.append(step)
        taken = partial(take_step, self._pipeline, step, function)
        result: Result = as_task(step, taken, self._before_each)(self.settings, self.run)
        return result

    def check_complete(self, given: Mapping[str, Any]) -> None:
        """Raise LookupError when a declared step was neither taken nor skipped as declared.

        `given` are the run's parameters: a step may depend on one of them.
        """
        left_out = [step for step in self._pipeline.steps if step not in self._taken]
        missed = [
            step.name
            for step in left_out
            if step.only_if is None and (step.only_with is None or given.get(step.only_with))
        ]
        branches = [step for step in self._pipeline.steps if step.only_if is not None]
        if branches and not any(step in self._taken for step in branches):
            missed += [step.name for step in branches]
        if missed:
            raise LookupError(
                f"The flow {self._pipeline.title} never took {', '.join(missed)}, "
                "which its pipeline declares."
            )


def declared_step(pipeline: Pipeline, function: Callable[..., Any]) -> Step:
    """Return the pipeline's step that names the function; raise LookupError when none does."""
    name = f"{function.__module__}:{function.__name__}"
    for step in pipeline.steps:
        if step.function == name:
            return step
    raise LookupError(f"{pipeline.name} declares no step {name}.")


def as_task(
    step: Step,
    function: Callable[[Settings, AnyRun], Result],
    before: Callable[[], None] | None = None,
) -> "Task[[Settings, AnyRun], Result]":
    """Wrap a step: retries for transient errors, artifacts whether it passes or fails.

    `before` is called at the start of each try, and is part of it. A data failure ends the task
    as Failed with its one-sentence message; it is never retried.
    """
    from prefect.states import Failed
    from prefect.tasks import exponential_backoff

    from flows.platform.orchestration.startup.compatibility import StepTask

    def run_step(settings: Settings, run: AnyRun) -> Any:
        STEPS.debug(step.name)
        try:
            if before:
                before()
            return function(settings, run)
        except Exception as raised:
            error = mlflow_is_away(raised) or raised
            told = isinstance(error, KpiError) and not isinstance(error, Unavailable)
            if refused := error if told else refusal(error):
                return Failed(message=str(refused), data=refused)
            if is_transient(error):
                message = f"May pass by itself: {first_line(error)}"
                return Failed(name=_TRANSIENT, message=message, data=error)
            if sentence := full_disk(error, settings.home):
                return Failed(message=sentence, data=KpiError(sentence))
            if type(error).__module__.startswith("prefect"):
                raise
            raise without_its_text(error) from None
        finally:
            if step.report:
                _show(step.name, resolve_name(step.report), settings, run)

    return StepTask(
        run_step,
        name=step.name,
        task_run_name=step.name,
        description=step.summary,
        retries=step.retries,
        retry_delay_seconds=exponential_backoff(backoff_factor=FIRST_RETRY_SECONDS),
        retry_jitter_factor=0.5,
        retry_condition_fn=_may_pass_by_itself,
        timeout_seconds=step.timeout_seconds,
        # A retried run takes every step again: their effects are in tables and files.
        persist_result=False,
    )


def _may_pass_by_itself(task: object, task_run: "TaskRun", state: "State[Any]") -> bool:
    return state.name == _TRANSIENT


def _show(
    step: str, report: Callable[[Settings, AnyRun], list[Report]], settings: Settings, run: AnyRun
) -> None:
    # A failing report must not change the step's result, which decides about retries.
    try:
        for item in report(settings, run):
            _publish(item)
    except Exception as error:
        logger.warning("The artifacts of %s are missing (%s).", step, type(error).__name__)


def _publish(report: Report) -> None:
    from prefect import artifacts

    create: dict[str, Callable[..., object]] = {
        "table": artifacts.create_table_artifact,
        "markdown": artifacts.create_markdown_artifact,
        "link": artifacts.create_link_artifact,
    }
    create[report.kind](
        key=report.key, description=report.description, **{report.kind: report.content}
    )
