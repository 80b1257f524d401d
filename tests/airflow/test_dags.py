"""The DAGs: what people know them by, and that they are the flows of Prefect."""

import json
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from flows.churn.pipeline import (
    DRIFT_MONITOR,
    LASTING_DRIFT,
    MODEL_WORSE,
    SCORING,
    SOURCES_CHANGED,
    TRAINING,
    WATCHDOG,
)
from flows.crypto_events.pipeline import PIPELINE as CRYPTO_EVENTS
from flows.observed.checks import DAILY, WEEKLY
from flows.platform.orchestration.tasks import as_task
from flows.retention.pipeline import PIPELINE as RETENTION
from tests.airflow.airflow_home import DAGS, AirflowHome
from tests.crypto_events.test_pipeline import NAMES

pytestmark = pytest.mark.xdist_group("airflow")

Described = dict[str, Any]

IN_ORDER = {
    "crypto_events_dag": NAMES,
    "crypto_events_verify_w": NAMES,
    "churn_training_dag": [
        "clean_raw_sources",
        "feature_engineering",
        "train_spark_model",
        "evaluate_candidate",
        "decide_promotion",
    ],
    "churn_drift_monitor_w": [
        "build_current_snapshot",
        "run_drift_report",
        "log_drift_result",
        "measure_outcomes",
    ],
    "churn_data_watchdog": ["detect_source_changes", "emit_source_update"],
    "churn_scoring_w": ["find_production", "build_current_snapshot", "score_users"],
    "retention_dag": [
        "prune_warehouse",
        "prune_files",
        "prune_mlflow",
        "prune_prefect",
        "tell_what_was_pruned",
    ],
}
FLOWS = {
    "crypto_events_dag": (CRYPTO_EVENTS, "crypto_events.flow:crypto_events"),
    "crypto_events_verify_w": (CRYPTO_EVENTS, "crypto_events.flow:crypto_events"),
    "churn_training_dag": (TRAINING, "churn.training:churn_training"),
    "churn_drift_monitor_w": (DRIFT_MONITOR, "churn.drift_monitor:churn_drift_monitor"),
    "churn_data_watchdog": (WATCHDOG, "churn.watchdog:churn_watchdog"),
    "churn_scoring_w": (SCORING, "churn.scoring:churn_scoring"),
    "retention_dag": (RETENTION, "retention.flow:retention"),
}
# A training that an event starts reads the files that the settings name; Prefect's flows may train
# in their own process, where nobody hears events.
ONLY_UNDER_PREFECT = {
    "churn_drift_monitor_w": {"retrain", "source"},
    "churn_data_watchdog": {"retrain", "source"},
}
# What a DAG chooses of the form, as the deployment crypto-events/weekly in prefect.yaml does.
CHOSEN = {"crypto_events_verify_w": {"verify": True, "generate": False}}
every_dag = pytest.mark.parametrize("dag_id", IN_ORDER)


@pytest.fixture(scope="session")
def found(airflow: AirflowHome) -> Described:
    """What Airflow reads in the DAG folder."""
    script = Path(__file__).with_name("describe_dags.py")
    said: Described = json.loads(airflow.run("python", str(script), str(DAGS)).splitlines()[-1])
    return said


@pytest.fixture
def dags(found: Described) -> dict[str, Described]:
    """Each DAG by its id."""
    described: dict[str, Described] = found["dags"]
    return described


def test_they_load_without_an_error_or_a_warning(found: Described) -> None:
    assert (found["errors"], found["warnings"]) == ({}, {})
    assert sorted(found["dags"]) == sorted(IN_ORDER)


def test_each_pipeline_that_has_a_rhythm_has_a_dag() -> None:
    assert {pipeline.name for pipeline, _ in FLOWS.values()} >= {*DAILY, *WEEKLY}


def test_they_run_when_they_should(dags: dict[str, Described]) -> None:
    assert {dag_id: dag["schedule"] for dag_id, dag in dags.items()} == {
        "crypto_events_dag": "@daily",
        "crypto_events_verify_w": "0 9 * * 0",
        "churn_training_dag": sorted([SOURCES_CHANGED, LASTING_DRIFT, MODEL_WORSE]),
        "churn_drift_monitor_w": "@weekly",
        "churn_data_watchdog": "@daily",
        "churn_scoring_w": "0 8 * * 1",
        "retention_dag": "30 3 * * *",
    }
    assert {(dag["catchup"], dag["max_active_runs"]) for dag in dags.values()} == {(False, 1)}


@every_dag
def test_their_tasks_stand_in_a_row(dag_id: str, dags: dict[str, Described]) -> None:
    tasks, before = dags[dag_id]["tasks"], []
    for name in IN_ORDER[dag_id]:
        assert tasks[name]["after"] == before
        assert tasks[name]["trigger_rule"] == "all_success"
        before = [name]


def test_the_promotion_is_a_branch(dags: dict[str, Described]) -> None:
    tasks = dags["churn_training_dag"]["tasks"]
    branches = ["promote_model", "skip_promotion"]

    assert sorted(tasks) == sorted([*IN_ORDER["churn_training_dag"], *branches, "notify_success"])
    for branch in branches:
        assert tasks[branch]["after"] == ["decide_promotion"]
    assert tasks["notify_success"]["after"] == branches
    assert tasks["notify_success"]["trigger_rule"] == "none_failed_min_one_success"


def test_three_tasks_may_start_a_training(dags: dict[str, Described]) -> None:
    events = {
        name: task["may_raise"]
        for dag in dags.values()
        for name, task in dag["tasks"].items()
        if task["may_raise"]
    }
    assert events == {
        "emit_source_update": [SOURCES_CHANGED],
        "log_drift_result": [LASTING_DRIFT],
        "measure_outcomes": [MODEL_WORSE],
    }


@every_dag
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_each_task_is_as_patient_as_prefect_s(dag_id: str, dags: dict[str, Described]) -> None:
    of_prefect = {step.name: as_task(step, step.load()) for step in FLOWS[dag_id][0].steps}
    of_airflow = dags[dag_id]["tasks"]

    assert sorted(of_airflow) == sorted(of_prefect)
    for name, task in of_prefect.items():
        shim = of_airflow[name]
        assert (shim["retries"], shim["timeout_seconds"]) == (task.retries, task.timeout_seconds)
        first, second, *_ = task.retry_delay_seconds
        assert shim["first_delay_seconds"] == first
        assert shim["first_delay_seconds"] * shim["each_delay_times"] == second
        assert shim["told_of_failure"] == 1


@every_dag
@pytest.mark.usefixtures("prefect_api")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_the_form_of_a_run_is_prefect_s(dag_id: str, dags: dict[str, Described]) -> None:
    from prefect.utilities.callables import parameter_schema

    flow = resolve_name(f"flows.{FLOWS[dag_id][1]}")
    form = parameter_schema(flow).dict()["properties"]
    for name in ONLY_UNDER_PREFECT.get(dag_id, ()):
        del form[name]
    params = dags[dag_id]["params"]

    assert sorted(params) == sorted(form)
    defaults = {name: field["default"] for name, field in form.items()}
    defaults |= CHOSEN.get(dag_id, {})
    assert {name: param["default"] for name, param in params.items()} == defaults
    for name, field in form.items():
        assert " ".join(params[name]["description"].split()) == " ".join(
            field["description"].split()
        )
        assert limits(params[name]) == limits(field)


def limits(field: Described) -> Described:
    """What a value has to be, however the schema says it."""
    kinds = [kind for kind in field.get("anyOf", [field]) if kind.get("type") != "null"]
    (kind,) = kinds
    known = {key: kind[key] for key in ("format", "minimum", "maximum") if key in kind}
    types = kind["type"] if isinstance(kind["type"], list) else [kind["type"]]
    choices = [choice for choice in kind.get("enum", []) if choice is not None]
    return {
        **known,
        "type": next(each for each in types if each != "null"),
        "enum": choices,
    }
