"""The steps' names are an interface: Prefect task, Airflow task id, word of `kpi step`."""

import inspect
import subprocess
import sys

import pytest

from flows.crypto_events import steps
from flows.crypto_events.pipeline import PIPELINE
from flows.paths import REPOSITORY

NAMES = [
    "generate_fake_history_last_5_days",
    "build_events_candidate",
    "ge_validate_raw",
    "ge_validate_candidate",
    "merge_to_prod",
    "vacuum_analyze_prod",
    "notify_success",
]


def test_the_steps_have_the_names_that_people_know() -> None:
    assert PIPELINE.name == "crypto_events"
    assert [step.name for step in PIPELINE.steps] == NAMES
    assert all(step.summary for step in PIPELINE.steps)


def test_each_step_is_a_function_of_settings_and_run() -> None:
    assert sorted(steps.__all__) == sorted(NAMES)
    for name in NAMES:
        function = getattr(steps, name)
        assert function.__name__ == name
        assert list(inspect.signature(function).parameters) == ["settings", "run"]
        assert function.__doc__


def test_an_unknown_step_has_no_declaration() -> None:
    with pytest.raises(KeyError):
        PIPELINE.step("publish")


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_each_step_is_a_task_of_that_name() -> None:
    from prefect import Task

    from flows.crypto_events import tasks

    found = {name: task for name, task in vars(tasks).items() if isinstance(task, Task)}
    assert list(found) == NAMES
    for step in PIPELINE.steps:
        task = found[step.name]
        assert (task.name, task.task_run_name, task.retries) == (step.name, step.name, step.retries)
        assert task.description == step.summary


def test_airflow_can_read_the_declaration_without_our_packages() -> None:
    # Airflow has an environment of its own: standard library only.
    code = (
        f"import sys; sys.path.append({str(REPOSITORY)!r});"
        "from flows.crypto_events.pipeline import PIPELINE; print(len(PIPELINE.steps))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{len(NAMES)}\n", "")
