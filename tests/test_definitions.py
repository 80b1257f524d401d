"""The deployments of prefect.yaml and the declared pipelines belong together."""

from docs.definitions import declared_deployments
from flows.churn.pipeline import LASTING_DRIFT, MODEL_WORSE, SOURCES_CHANGED
from flows.commands.parameters import PIPELINES
from flows.observed.checks import CHECK_FLOW


def test_every_deployment_has_its_flow_s_queue() -> None:
    queues = {deployment["work_pool"]["work_queue_name"] for deployment in declared_deployments()}

    assert queues == {*(pipeline.title for pipeline in PIPELINES), CHECK_FLOW}
    assert {deployment["work_pool"]["name"] for deployment in declared_deployments()} == {"kpi"}


def test_each_event_of_churn_starts_a_training() -> None:
    [training] = [found for found in declared_deployments() if found["name"] == "on-change"]

    expected = [event for trigger in training["triggers"] for event in trigger["expect"]]
    assert sorted(expected) == sorted([SOURCES_CHANGED, LASTING_DRIFT, MODEL_WORSE])
