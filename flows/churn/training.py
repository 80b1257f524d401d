"""The run book of churn training, as a Prefect flow."""

from flows.churn.features.feature_engineering import feature_engineering
from flows.churn.model.train_spark_model import train_spark_model
from flows.churn.pipeline import TRAINING
from flows.churn.promotion.ask_for_approval import ask_for_approval
from flows.churn.promotion.decide_promotion import decide_promotion
from flows.churn.promotion.evaluate_candidate import evaluate_candidate
from flows.churn.promotion.notify_success import Notified, notify_success
from flows.churn.promotion.promote_model import promote_model, skip_promotion
from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import clean_raw_sources
from flows.platform.compute.spark import stop_spark
from flows.platform.orchestration.managed_flow import managed_flow
from flows.platform.orchestration.tasks import Steps


@managed_flow(TRAINING)
def churn_training(step: Steps[ChurnRun]) -> Notified:
    """Train a churn model, and make it Production when it beats the current one."""
    try:
        step(clean_raw_sources)
        step(feature_engineering)
        step(train_spark_model)
    finally:
        stop_spark()
    step(evaluate_candidate)
    decision = step(decide_promotion)
    if decision.promote and ask_for_approval(step.settings, step.run, decision):
        step(promote_model)
    else:
        step(skip_promotion)
    return step(notify_success)
