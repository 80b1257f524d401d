"""The weekly drift monitor, as a Prefect flow."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

from prefect import flow
from prefect.runtime import flow_run
from pydantic import Field

from flows.churn import drift_tasks as tasks
from flows.churn.drift.log_drift_result import DriftLogged
from flows.churn.drift_run import DriftRun, plan_drift
from flows.churn.events import train_here
from flows.churn.pipeline import DRIFT_MONITOR
from flows.platform.orchestration.hooks import run_options
from flows.platform.orchestration.managed_run import conduct
from flows.settings import Settings


def _flow_run_name() -> str:
    parameters = flow_run.get_parameters()
    label = ", SIMULATED" if parameters.get("simulate_drift") else ""
    return f"{DRIFT_MONITOR.title} as of {parameters.get('as_of') or 'the latest day'}{label}"


@flow(name=DRIFT_MONITOR.title, flow_run_name=_flow_run_name, **run_options())
def churn_drift_monitor(
    as_of: date | None = None,
    source: str | None = None,
    simulate_drift: Annotated[float, Field(ge=0, le=10)] = 0,
    retrain: bool = False,
) -> Any:
    """Compare the users of the latest day with the average of the weeks before.

    Args:
        as_of: Day of the snapshot; empty means the last day that PAYMENTS holds.
        source: Folder of the five CSV files; empty means the setting.
        simulate_drift: A demonstration: move numbers by so many standard deviations. Such a run
            is labelled and counts towards nothing.
        retrain: When drift lasts, train in this process; for use without a Prefect server, whose
            deployment of churn-training the event starts.

    """
    return conduct(
        DRIFT_MONITOR,
        lambda settings: plan_drift(
            settings,
            as_of,
            source=Path(source) if source else None,
            simulate_drift=simulate_drift,
            run_id=flow_run.get_id(),
        ),
        lambda settings, run: monitor_drift(settings, run, retrain=retrain),
    )


def monitor_drift(settings: Settings, run: DriftRun, *, retrain: bool) -> DriftLogged:
    """Run the steps one after the other; the first that fails ends the run."""
    tasks.build_current_snapshot(settings, run)
    tasks.run_drift_report(settings, run)
    logged = cast("DriftLogged", tasks.log_drift_result(settings, run))
    if retrain and logged.lasting:
        train_here(run)
    return logged
