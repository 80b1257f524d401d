"""A process that changes Production and is killed with -9 at a place."""

from functools import partial

from flows.churn.promotion.promote_model import promote_model
from flows.churn.promotion.rollback import roll_back
from flows.churn.run import ChurnRun
from flows.settings import Settings
from tests.operations.killed_process import Place, killed_at

STAGE = "mlflow.tracking.MlflowClient.transition_model_version_stage"
ALIAS = "mlflow.tracking.MlflowClient.set_registered_model_alias"
LEDGER = "flows.churn.production.ledger.record"

PLACES = {
    "before the ledger": Place(LEDGER),
    "between ledger and stage": Place(LEDGER, after=True),
    "between stage and alias": Place(STAGE, after=True),
    "between alias and ledger": Place(ALIAS, after=True),
}


def promote_and_die(settings: Settings, run: ChurnRun, place: str) -> None:
    """Run promote_model in a process that is killed at the place."""
    killed_at(PLACES[place], partial(promote_model, settings, run))


def roll_back_and_die(settings: Settings, place: str) -> None:
    """Run roll_back in a process that is killed at the place."""
    killed_at(PLACES[place], partial(roll_back, settings, why="support is flooded", by="ana"))
