"""The run book of churn training, as a Prefect flow."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from prefect import flow
from prefect.runtime import flow_run

from flows.churn import training_tasks as tasks
from flows.churn.pipeline import TRAINING
from flows.churn.promotion.ask_for_approval import ask_for_approval
from flows.churn.run import ChurnRun, plan_training
from flows.platform.compute.spark import stop_spark
from flows.platform.orchestration.hooks import run_options
from flows.platform.orchestration.managed_run import conduct
from flows.settings import Settings

if TYPE_CHECKING:
    from flows.churn.promotion.decide_promotion import Decision


def _flow_run_name() -> str:
    return f"churn-training as of {flow_run.get_parameters().get('as_of') or 'the last payment'}"


@flow(name=TRAINING.title, flow_run_name=_flow_run_name, **run_options())
def churn_training(as_of: date | None = None, source: str | None = None) -> Any:
    """Train a churn model, and make it Production when it beats the current one.

    Args:
        as_of: Last day of the label window; empty means the last day that PAYMENTS holds.
        source: Folder of the five CSV files; empty means the setting.

    """
    return conduct(
        TRAINING,
        lambda settings: plan_training(
            settings, as_of, source=Path(source) if source else None, run_id=flow_run.get_id()
        ),
        train,
    )


def train(settings: Settings, run: ChurnRun) -> object:
    """Run the steps one after the other, with one Spark session; the last one sums them up."""
    try:
        tasks.clean_raw_sources(settings, run)
        tasks.feature_engineering(settings, run)
        tasks.train_spark_model(settings, run)
    finally:
        stop_spark()
    tasks.evaluate_candidate(settings, run)
    decision = cast("Decision", tasks.decide_promotion(settings, run))
    if decision.promote and ask_for_approval(settings, run, decision):
        tasks.promote_model(settings, run)
    else:
        tasks.skip_promotion(settings, run)
    return tasks.notify_success(settings, run)
