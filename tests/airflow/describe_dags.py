"""Run by Airflow's Python: prints what the DAGs of a folder are, as JSON."""

import json
import sys
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, BaseOperator


def described(dag: DAG) -> dict[str, Any]:
    """Return what people and schedulers rely on."""
    schedule = dag.schedule
    return {
        "schedule": schedule
        if isinstance(schedule, str)
        else sorted(asset.name for asset in schedule.objects),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "params": {
            name: {"default": param.value, "description": param.description, **param.schema}
            for name in dag.params
            if (param := dag.params.get_param(name))
        },
        "tasks": {task.task_id: described_task(task) for task in dag.topological_sort()},
    }


def described_task(task: BaseOperator) -> dict[str, Any]:
    """Return a task's place and patience."""
    return {
        "after": sorted(task.upstream_task_ids),
        "retries": task.retries,
        "first_delay_seconds": task.retry_delay.total_seconds(),
        "each_delay_times": task.retry_exponential_backoff,
        "timeout_seconds": task.execution_timeout.total_seconds(),
        "trigger_rule": task.trigger_rule.value,
        "may_raise": [alias.name for alias in task.outlets],
        "told_of_failure": len(task.on_failure_callback),
    }


if __name__ == "__main__":
    bag = DagBag(sys.argv[1])
    found = {
        "errors": bag.import_errors,
        "warnings": bag.captured_warnings,
        "dags": {dag_id: described(dag) for dag_id, dag in sorted(bag.dags.items())},
    }
    sys.stdout.write(f"\n{json.dumps(found)}\n")
