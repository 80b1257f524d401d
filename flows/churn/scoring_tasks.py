"""The scoring's steps as Prefect tasks, under the names that everybody knows them by."""

from flows.churn import scoring_steps as steps
from flows.churn.pipeline import SCORING
from flows.churn.scoring_reports import report_scores
from flows.platform.orchestration.tasks import as_task

build_current_snapshot = as_task(SCORING, steps.build_current_snapshot)
score_users = as_task(SCORING, steps.score_users, report_scores)
