"""The daily removal of what is old, as a Prefect flow."""

from flows.platform.orchestration.managed_flow import managed_flow
from flows.platform.orchestration.tasks import Steps
from flows.retention.pipeline import PIPELINE
from flows.retention.programs.prune_mlflow import prune_mlflow
from flows.retention.programs.prune_prefect import prune_prefect
from flows.retention.prune_files import prune_files
from flows.retention.prune_warehouse import prune_warehouse
from flows.retention.run import PruneRun
from flows.retention.tell_what_was_pruned import Told, tell_what_was_pruned


@managed_flow(PIPELINE)
def retention(step: Steps[PruneRun]) -> Told:
    """Remove what is older than the settings keep, place by place; a dry run only tells."""
    step(prune_warehouse)
    step(prune_files)
    step(prune_mlflow)
    step(prune_prefect)
    return step(tell_what_was_pruned)
