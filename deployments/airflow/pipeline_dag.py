"""A declared pipeline as an Airflow DAG: same steps, same order, same retries as under Prefect."""

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Asset, AssetAlias, AssetAny, Param, TriggerRule

from deployments.airflow.step_operator import BranchOperator, StepOperator, post_failure
from flows.platform.pipeline.declaration import FIRST_RETRY_SECONDS, Pipeline, Step


def dag_of(pipeline: Pipeline, dag_id: str, schedule: str | None = None, **chosen: Any) -> DAG:
    """Return the pipeline's DAG; without a schedule, its events start it.

    Parameters of a run that are `chosen` have that value where nobody gives another.
    """
    with DAG(
        dag_id=dag_id,
        description=" → ".join(step.name for step in pipeline.steps),
        schedule=schedule or AssetAny(*map(Asset, pipeline.started_by)),
        start_date=datetime(2025, 1, 1),
        catchup=False,
        max_active_runs=1,
        tags=["kpi", pipeline.title],
        params={
            parameter.name: Param(
                chosen.get(parameter.name, parameter.default),
                description=parameter.summary,
                **parameter.schema,
            )
            for parameter in pipeline.parameters
            if parameter.for_airflow
        },
    ) as dag:
        _tasks(pipeline)
    return dag


def _tasks(pipeline: Pipeline) -> None:
    """Chain the steps in order; the steps of a branch are parallel."""
    before: list[StepOperator] = []
    branches: list[StepOperator] = []
    for step in pipeline.steps:
        if step.only_if is None and branches:
            before, branches = branches, []
            task = _task(pipeline, step, trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
        else:
            task = _task(pipeline, step)
        task.set_upstream(before)
        if step.only_if is None:
            before = [task]
        else:
            branches.append(task)


def _task(pipeline: Pipeline, step: Step, **arguments: Any) -> StepOperator:
    operator = BranchOperator if step.decides else StepOperator
    return operator(
        pipeline=pipeline,
        step=step,
        doc=step.summary,
        retries=step.retries,
        retry_delay=timedelta(seconds=FIRST_RETRY_SECONDS),
        retry_exponential_backoff=2,
        execution_timeout=timedelta(seconds=step.timeout_seconds),
        on_failure_callback=post_failure,
        outlets=[AssetAlias(step.event)] if step.event else [],
        **arguments,
    )
