"""What runs, when and in which steps: a snapshot, so that a change of it is seen in review.

`make docs` writes it again.
"""

import json

from docs.definitions import SNAPSHOT, declared_deployments, definitions
from flows.churn.pipeline import LASTING_DRIFT, SOURCES_CHANGED
from flows.commands.operations.deploy import PIPELINES


def test_the_definitions_are_those_of_the_snapshot() -> None:
    assert json.loads(json.dumps(definitions())) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_deployment_has_its_pipeline_s_queue() -> None:
    queues = {deployment["work_pool"]["work_queue_name"] for deployment in declared_deployments()}

    assert queues == {pipeline.title for pipeline in PIPELINES}
    assert {deployment["work_pool"]["name"] for deployment in declared_deployments()} == {"kpi"}


def test_each_event_of_churn_starts_a_training() -> None:
    [training] = [found for found in declared_deployments() if found["name"] == "on-change"]

    expected = [event for trigger in training["triggers"] for event in trigger["expect"]]
    assert sorted(expected) == sorted([SOURCES_CHANGED, LASTING_DRIFT])
