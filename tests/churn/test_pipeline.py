"""The steps' names are an interface: Prefect task, Airflow task id, word of `kpi step`."""

import pytest

from flows.churn.pipeline import DRIFT_MONITOR, SCORING, TRAINING, WATCHDOG
from flows.platform.pipeline.declaration import Pipeline


@pytest.mark.parametrize(
    ("pipeline", "names"),
    [
        (
            TRAINING,
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
        (SCORING, ["find_production", "build_current_snapshot", "score_users"]),
        (
            DRIFT_MONITOR,
            [
                "build_current_snapshot",
                "run_drift_report",
                "log_drift_result",
                "measure_outcomes",
            ],
        ),
        (WATCHDOG, ["detect_source_changes", "emit_source_update"]),
    ],
)
def test_the_steps_have_the_names_that_people_know(pipeline: Pipeline, names: list[str]) -> None:
    assert [step.name for step in pipeline.steps] == names


def test_the_promotion_is_a_branch() -> None:
    branches = {step.name: step.only_if for step in TRAINING.steps if step.only_if is not None}

    assert branches == {"promote_model": True, "skip_promotion": False}
    assert [step.name for step in TRAINING.steps if step.decides] == ["decide_promotion"]
