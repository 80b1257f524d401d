"""The weekly drift monitor, as a Prefect flow."""

from flows.churn.drift.log_drift_result import DriftLogged, log_drift_result
from flows.churn.drift.run_drift_report import run_drift_report
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot
from flows.churn.outcomes.measure_outcomes import measure_outcomes
from flows.churn.pipeline import DRIFT_MONITOR
from flows.churn.retrain import train_here
from flows.churn.run import DriftRun
from flows.platform.orchestration.managed_flow import managed_flow
from flows.platform.orchestration.tasks import Steps


@managed_flow(DRIFT_MONITOR)
def churn_drift_monitor(step: Steps[DriftRun], *, retrain: bool) -> DriftLogged:
    """Compare the latest day's users with the weeks before, and scores with what happened."""
    step(build_current_snapshot)
    step(run_drift_report)
    logged = step(log_drift_result)
    outcomes = step(measure_outcomes)
    if retrain and (logged.lasting or outcomes.worse):
        train_here(step.run)
    return logged
