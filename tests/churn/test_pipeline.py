"""The steps' names are an interface: Prefect task, Airflow task id, word of `kpi step`."""

import importlib
import inspect
import subprocess
import sys

import pytest

from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.paths import REPOSITORY
from flows.platform.pipeline.declaration import Pipeline

PIPELINES = [
    (
        TRAINING,
        "training",
        [
            "clean_raw_sources",
            "feature_engineering",
            "train_spark_model",
            "evaluate_candidate",
            "decide_promotion",
            "promote_model",
            "skip_promotion",
            "notify_success",
        ],
    ),
    (SCORING, "scoring", ["build_current_snapshot", "score_users"]),
    (DRIFT_MONITOR, "drift", ["build_current_snapshot", "run_drift_report", "log_drift_result"]),
    (WATCHDOG, "watchdog", ["detect_source_changes", "emit_source_update"]),
]
every_pipeline = pytest.mark.parametrize(
    ("pipeline", "module", "names"), PIPELINES, ids=[pipeline.name for pipeline, *_ in PIPELINES]
)


@every_pipeline
def test_the_steps_have_the_names_that_people_know(
    pipeline: Pipeline, module: str, names: list[str]
) -> None:
    assert [step.name for step in pipeline.steps] == names
    assert all(step.summary for step in pipeline.steps)


@every_pipeline
def test_each_step_is_a_function_of_settings_and_run(
    pipeline: Pipeline, module: str, names: list[str]
) -> None:
    steps = importlib.import_module(f"flows.churn.{module}_steps")

    assert sorted(steps.__all__) == sorted(names)
    for name in names:
        function = getattr(steps, name)
        assert function.__name__ == name
        assert list(inspect.signature(function).parameters) == ["settings", "run"]
        assert function.__doc__


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
@every_pipeline
def test_each_step_is_a_task_of_that_name(
    pipeline: Pipeline, module: str, names: list[str]
) -> None:
    from prefect import Task

    tasks = importlib.import_module(f"flows.churn.{module}_tasks")
    found = {name: task for name, task in vars(tasks).items() if isinstance(task, Task)}

    assert list(found) == names
    for step in pipeline.steps:
        task = found[step.name]
        assert (task.name, task.task_run_name, task.retries) == (step.name, step.name, step.retries)


def test_the_promotion_is_a_branch() -> None:
    branches = {step.name: step.only_if for step in TRAINING.steps if step.only_if is not None}

    assert branches == {"promote_model": True, "skip_promotion": False}


def test_airflow_can_read_the_declarations_without_our_packages() -> None:
    code = (
        f"import sys; sys.path.append({str(REPOSITORY)!r});"
        "from flows.churn.pipeline import TRAINING; print(len(TRAINING.steps))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"{len(TRAINING.steps)}\n", "")
