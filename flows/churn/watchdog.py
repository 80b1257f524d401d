"""The daily watchdog over the source files, as a Prefect flow."""

from pathlib import Path
from typing import Any, cast

from prefect import flow
from prefect.runtime import flow_run

from flows.churn import watchdog_tasks as tasks
from flows.churn.events import train_here
from flows.churn.pipeline import WATCHDOG
from flows.churn.run import ChurnRun, plan_snapshot
from flows.churn.sources.emit_source_update import SourceUpdate, remember_sources
from flows.platform.orchestration.hooks import run_options
from flows.platform.orchestration.managed_run import conduct
from flows.settings import Settings


@flow(name=WATCHDOG.title, **run_options())
def churn_watchdog(source: str | None = None, retrain: bool = False) -> Any:
    """Start a training when one of the five source files changed since the last one started.

    Args:
        source: Folder of the five CSV files; empty means the setting.
        retrain: When files changed, train in this process; for use without a Prefect server,
            whose deployment of churn-training the event starts.

    """
    return conduct(
        WATCHDOG,
        lambda settings: plan_snapshot(
            settings, source=Path(source) if source else None, run_id=flow_run.get_id()
        ),
        lambda settings, run: watch_sources(settings, run, retrain=retrain),
    )


def watch_sources(settings: Settings, run: ChurnRun, *, retrain: bool) -> SourceUpdate:
    """Run the steps one after the other; the first that fails ends the run."""
    tasks.detect_source_changes(settings, run)
    update = cast("SourceUpdate", tasks.emit_source_update(settings, run))
    if retrain and update.due:
        train_here(run)
        remember_sources(settings, run)
    return update
