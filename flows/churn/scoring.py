"""Weekly scores of every user, as a Prefect flow."""

from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot
from flows.churn.model.find_production import find_production
from flows.churn.model.score_users import Scores, score_users
from flows.churn.pipeline import SCORING
from flows.churn.run import ChurnRun
from flows.platform.compute.spark import stop_spark
from flows.platform.orchestration.managed_flow import managed_flow
from flows.platform.orchestration.tasks import Steps


@managed_flow(SCORING)
def churn_scoring(step: Steps[ChurnRun]) -> Scores:
    """Score every user with the Production model into prod.BT_CHURN_SCORES."""
    step(find_production)
    try:
        step(build_current_snapshot)
    finally:
        stop_spark()
    return step(score_users)
