"""The daily watchdog over the source files, as a Prefect flow."""

from flows.churn.pipeline import WATCHDOG
from flows.churn.retrain import train_here
from flows.churn.run import ChurnRun
from flows.churn.sources.changes.detect_source_changes import detect_source_changes
from flows.churn.sources.changes.emit_source_update import (
    SourceUpdate,
    emit_source_update,
    remember_sources,
)
from flows.platform.orchestration.managed_flow import managed_flow
from flows.platform.orchestration.tasks import Steps


@managed_flow(WATCHDOG)
def churn_watchdog(step: Steps[ChurnRun], *, retrain: bool) -> SourceUpdate:
    """Start a training when one of the five source files changed since the last one started."""
    step(detect_source_changes)
    update = step(emit_source_update)
    if retrain and update.due:
        train_here(step.run)
        remember_sources(step.settings, step.run)
    return update
