"""Prefect: where its state lives, and how a plain step becomes a task.

`configure_prefect` must run before Prefect is imported, so nothing here imports it on top.
"""

import logging
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from flows.errors import KpiError
from flows.platform.orchestration.blocks import S3_RESULTS
from flows.platform.pipeline.declaration import Pipeline
from flows.platform.pipeline.run import Run
from flows.platform.storage.layout import prefect_home, run_results
from flows.platform.warehouse.connection import is_transient
from flows.settings import Settings

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import TaskRun
    from prefect.states import State

logger = logging.getLogger(__name__)
# Hears of each step as it begins, for who shows progress; Prefect logs the same.
STEPS = logging.getLogger(f"{__name__}.steps")
STEPS.propagate = False

AnyRun = TypeVar("AnyRun", bound=Run)

_TRANSIENT = "TransientFailure"


def configure_prefect(settings: Settings) -> None:
    """Keep Prefect's state under the settings' home, results where they say; no statistics.

    What the environment already sets, stays; processes that are started later get it all. Raises
    KpiError when Prefect's folder cannot be written.
    """
    home = Path(os.environ.setdefault("PREFECT_HOME", str(prefect_home(settings))))
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KpiError(f"Prefect's folder {home} cannot be written ({error.strerror}).") from error
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # Prefect 3 alone: without a server it starts one, which lays out a database at first.
    patience = str(settings.patience_seconds)
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", patience)
    os.environ.setdefault("PREFECT_LOCAL_STORAGE_PATH", str(run_results(settings)))
    if settings.storage == "s3":
        os.environ.setdefault("PREFECT_DEFAULT_RESULT_STORAGE_BLOCK", S3_RESULTS)
    # What we log goes to the run in Prefect, when there is one, and to the terminal.
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "flows")
    os.environ.setdefault("PREFECT_LOGGING_LOGGERS_PREFECT_EXTRA_PROPAGATE", "true")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    # Alembic says so while Prefect lays out its own SQLite database.
    warnings.filterwarnings("ignore", message="Skipped unsupported reflection")


def quiet_prefect() -> None:
    """Keep Prefect's log off the terminal, for callers that tell the story themselves."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")


@dataclass(frozen=True)
class Report:
    """Something for people, shown as an artifact.

    `content` is a list of rows for a table, a text for markdown, an address for a link.
    """

    kind: Literal["table", "markdown", "link"]
    key: str
    description: str
    content: list[dict[str, Any]] | str


def as_task(
    pipeline: Pipeline,
    function: Callable[[Settings, AnyRun], Any],
    report: Callable[[Settings, AnyRun], list[Report]] | None = None,
) -> "Task[[Settings, AnyRun], Any]":
    """Wrap a step: retries for what can pass by itself, artifacts whether it passes or fails.

    A data failure ends the task Failed with its one sentence; it is never tried again.
    """
    from prefect.states import Failed
    from prefect.tasks import exponential_backoff

    from flows.platform.orchestration.compatibility import StepTask

    step = pipeline.step(function.__name__)

    def run_step(settings: Settings, run: AnyRun) -> Any:
        STEPS.debug(step.name)
        try:
            return function(settings, run)
        except KpiError as error:
            return Failed(message=str(error), data=error)
        except Exception as error:
            if not is_transient(error):
                raise
            return Failed(name=_TRANSIENT, message=f"May pass by itself: {error}", data=error)
        finally:
            if report:
                _show(step.name, report, settings, run)

    return StepTask(
        run_step,
        name=step.name,
        task_run_name=step.name,
        description=step.summary,
        retries=step.retries,
        retry_delay_seconds=exponential_backoff(backoff_factor=2),
        retry_jitter_factor=0.5,
        retry_condition_fn=_may_pass_by_itself,
        timeout_seconds=step.timeout_seconds,
        # A run that is tried again takes each step again: their effect is in tables and files.
        persist_result=False,
    )


def _may_pass_by_itself(task: object, task_run: "TaskRun", state: "State[Any]") -> bool:
    return state.name == _TRANSIENT


def _show(
    step: str, report: Callable[[Settings, AnyRun], list[Report]], settings: Settings, run: AnyRun
) -> None:
    # Whatever hinders a report, the step's own result stands: it decides about retries.
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
