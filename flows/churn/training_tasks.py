"""The training's steps as Prefect tasks, under the names that everybody knows them by."""

from flows.churn import training_reports as reports
from flows.churn import training_steps as steps
from flows.churn.pipeline import TRAINING
from flows.platform.orchestration.tasks import as_task

clean_raw_sources = as_task(TRAINING, steps.clean_raw_sources, reports.report_sources)
feature_engineering = as_task(TRAINING, steps.feature_engineering)
train_spark_model = as_task(TRAINING, steps.train_spark_model, reports.report_training)
evaluate_candidate = as_task(TRAINING, steps.evaluate_candidate)
decide_promotion = as_task(TRAINING, steps.decide_promotion, reports.report_decision)
promote_model = as_task(TRAINING, steps.promote_model)
skip_promotion = as_task(TRAINING, steps.skip_promotion)
notify_success = as_task(TRAINING, steps.notify_success, reports.report_links)
