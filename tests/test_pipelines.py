"""Every declaration leads to what it names: functions, reports, plans and the flows."""

import inspect
import subprocess
import sys
from importlib import import_module
from pkgutil import resolve_name

import pytest

from docs.definitions import declared_deployments
from flows.commands.parameters import PIPELINES
from flows.observed.checks import CHECK_FLOW
from flows.paths import REPOSITORY
from flows.platform.orchestration.tasks import as_task, declared_step
from flows.platform.pipeline.declaration import Pipeline, Step
from flows.platform.warehouse.connection import Connection
from flows.platform.warehouse.locks import try_lock

every_pipeline = pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda found: found.name)
every_step = pytest.mark.parametrize(
    ("pipeline", "step"),
    [(pipeline, step) for pipeline in PIPELINES for step in pipeline.steps],
    ids=[f"{pipeline.name}-{step.name}" for pipeline in PIPELINES for step in pipeline.steps],
)


@every_step
def test_each_step_is_a_function_of_settings_and_run(pipeline: Pipeline, step: Step) -> None:
    function = step.load()

    assert list(inspect.signature(function).parameters) == ["settings", "run"]
    assert function.__doc__
    assert step.summary
    assert declared_step(pipeline, function) == step


@every_pipeline
def test_each_pipeline_has_a_lock_of_its_own(pipeline: Pipeline, db: Connection) -> None:
    assert try_lock(db, pipeline.name)


@every_step
def test_each_report_is_a_function_of_settings_and_run(pipeline: Pipeline, step: Step) -> None:
    if step.report:
        report = resolve_name(step.report)
        assert list(inspect.signature(report).parameters) == ["settings", "run"]


@every_step
def test_each_lineage_is_a_function_of_what_the_step_found(pipeline: Pipeline, step: Step) -> None:
    if step.facts:
        facts = resolve_name(step.facts)
        assert list(inspect.signature(facts).parameters) == ["settings", "run", "result"]


@every_pipeline
def test_a_plan_takes_what_people_may_set(pipeline: Pipeline) -> None:
    known = inspect.signature(resolve_name(pipeline.plan)).parameters

    assert {"as_of", "run_id", *(found.name for found in pipeline.planned_parameters)} == {
        *known
    } - {"settings"}, "a parameter of the plan that nobody declares can never be set"


@every_pipeline
def test_a_step_waits_for_a_parameter_that_there_is(pipeline: Pipeline) -> None:
    waited_for = {step.only_with for step in pipeline.steps} - {None}
    assert waited_for <= {found.name for found in pipeline.parameters if not found.planned}


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
@every_step
def test_each_step_is_a_task_of_its_name(pipeline: Pipeline, step: Step) -> None:
    task = as_task(step, step.load())

    assert (task.name, task.task_run_name) == (step.name, step.name)
    assert (task.retries, task.description) == (step.retries, step.summary)


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_each_pipeline_has_its_flow_in_prefect_yaml() -> None:
    from prefect import Flow

    found = set()
    for deployment in declared_deployments():
        path, _, name = deployment["entrypoint"].partition(":")
        flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
        assert isinstance(flow, Flow)
        found.add(flow.name)
    assert found == {*(pipeline.title for pipeline in PIPELINES), CHECK_FLOW}


@every_pipeline
def test_airflow_can_read_the_declaration_without_our_packages(pipeline: Pipeline) -> None:
    # Airflow has an environment of its own: standard library only.
    module = pipeline.plan.split(".")[1]
    code = (
        f"import sys; sys.path.append({str(REPOSITORY)!r});"
        f"from flows.{module} import pipeline as p;"
        f"found, = (v for v in vars(p).values() if getattr(v, 'name', '') == {pipeline.name!r});"
        "print(len(found.steps), [each.schema['type'] for each in found.parameters] != [])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"{len(pipeline.steps)} True\n", "")
