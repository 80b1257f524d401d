"""Weekly scores of every user, as a Prefect flow."""

from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from flows.churn import scoring_tasks as tasks
from flows.churn.pipeline import SCORING
from flows.churn.run import ChurnRun, plan_snapshot
from flows.platform.compute.spark import stop_spark
from flows.platform.orchestration.hooks import run_options
from flows.platform.orchestration.managed_run import conduct
from flows.settings import Settings


def _flow_run_name() -> str:
    return f"churn-scoring as of {flow_run.get_parameters().get('as_of') or 'the last payment'}"


@flow(name=SCORING.title, flow_run_name=_flow_run_name, **run_options())
def churn_scoring(as_of: date | None = None, source: str | None = None) -> Any:
    """Score every user with the Production model into prod.BT_CHURN_SCORES.

    Args:
        as_of: The day that scores look ahead from; empty means the last day that PAYMENTS holds.
        source: Folder of the five CSV files; empty means the setting.

    """
    return conduct(
        SCORING,
        lambda settings: plan_snapshot(
            settings, as_of, source=Path(source) if source else None, run_id=flow_run.get_id()
        ),
        score,
    )


def score(settings: Settings, run: ChurnRun) -> object:
    """Run the steps one after the other; the first that fails ends it, the last sums it up."""
    try:
        tasks.build_current_snapshot(settings, run)
    finally:
        stop_spark()
    return tasks.score_users(settings, run)
