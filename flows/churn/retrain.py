"""A training in this process, where no Prefect server starts one."""

from flows.churn.run import ChurnRun


def train_here(run: ChurnRun) -> None:
    """Run the training flow in this process, on the run's files, as part of the flow around it."""
    # The training flow imports Spark and MLflow, which few runs need.
    from flows.churn.training import churn_training

    churn_training(as_of=run.as_of, source=str(run.source))
