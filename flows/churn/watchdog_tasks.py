"""The watchdog's steps as Prefect tasks."""

from flows.churn import watchdog_steps
from flows.churn.pipeline import WATCHDOG
from flows.platform.orchestration.tasks import as_task

detect_source_changes = as_task(WATCHDOG, watchdog_steps.detect_source_changes)
emit_source_update = as_task(WATCHDOG, watchdog_steps.emit_source_update)
