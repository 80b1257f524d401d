"""The training's steps in their order: plain functions of settings and run."""

from flows.churn.features.feature_engineering import feature_engineering
from flows.churn.model.train_spark_model import train_spark_model
from flows.churn.promotion.decide_promotion import decide_promotion
from flows.churn.promotion.evaluate_candidate import evaluate_candidate
from flows.churn.promotion.notify_success import notify_success
from flows.churn.promotion.promote_model import promote_model, skip_promotion
from flows.churn.sources.clean_raw_sources import clean_raw_sources

__all__ = [
    "clean_raw_sources",
    "decide_promotion",
    "evaluate_candidate",
    "feature_engineering",
    "notify_success",
    "promote_model",
    "skip_promotion",
    "train_spark_model",
]
