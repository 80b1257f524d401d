"""Emit an event when source files changed, which starts a training."""

import logging
from dataclasses import dataclass

from flows.churn.events import NOBODY_LISTENS, emit
from flows.churn.pipeline import SOURCES_CHANGED, WATCHDOG
from flows.churn.run import ChurnRun
from flows.errors import BadInput
from flows.platform.pipeline.notifications import notify
from flows.platform.warehouse.connection import execute, transaction
from flows.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceUpdate:
    """What was found, whether a training is due, and whether the event for it was handed over."""

    message: str
    due: bool
    handed_over: bool


def emit_source_update(settings: Settings, run: ChurnRun) -> SourceUpdate:
    """Emit the event when files changed, and mark them as known once it is handed over.

    Does nothing when nothing changed, or when this run emitted it already. Where no Prefect server
    takes events the files stay unknown: the caller that trains calls `remember_sources`. Raises
    BadInput before `detect_source_changes` ran, KpiError when the server does not answer.
    """
    with transaction(settings, "emit_source_update") as connection:
        check = execute(
            connection, "churn/sources/last_check.sql", {"run_id": run.run_id}
        ).fetchone()
    if check is None:
        raise BadInput(f"Run {run.run_id} looked at no file.", needs_step="detect_source_changes")
    files = ", ".join(f"{name}.csv" for name in check["changed"])
    if not files:
        message = f"No source file changed in {run.source}: nothing is started."
        logger.info(message)
        return SourceUpdate(message, due=False, handed_over=False)
    # A caller that asks again did not get the answer: for it, the training is still due.
    if check["event_at"] is not None and settings.event_listener == "prefect":
        message = f"This run has told of {files} already: nothing is started."
        logger.info(message)
        return SourceUpdate(message, due=False, handed_over=True)
    message = f"Changed in {run.source}: {files}."
    handed_over = emit(
        settings, SOURCES_CHANGED, run, {"changed": check["changed"], "sha256": check["sha256"]}
    )
    if handed_over:
        remember_sources(settings, run)
        message += f" Event: {SOURCES_CHANGED}."
    else:
        logger.warning(NOBODY_LISTENS)
    notify(settings, f"{WATCHDOG.title}: {message}")
    return SourceUpdate(message, due=True, handed_over=handed_over)


def remember_sources(settings: Settings, run: ChurnRun) -> None:
    """Mark the files that the run looked at as known, so that they start nothing again."""
    with transaction(settings, "remember_sources") as connection:
        execute(connection, "churn/sources/record_event.sql", {"run_id": run.run_id})
