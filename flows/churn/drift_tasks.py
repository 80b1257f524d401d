"""The drift monitor's steps as Prefect tasks."""

from flows.churn import drift_steps
from flows.churn.drift_reports import report_drift
from flows.churn.pipeline import DRIFT_MONITOR
from flows.platform.orchestration.tasks import as_task

build_current_snapshot = as_task(DRIFT_MONITOR, drift_steps.build_current_snapshot)
run_drift_report = as_task(DRIFT_MONITOR, drift_steps.run_drift_report, report_drift)
log_drift_result = as_task(DRIFT_MONITOR, drift_steps.log_drift_result)
