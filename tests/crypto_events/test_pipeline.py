"""The steps' names are an interface: Prefect task, Airflow task id, word of `kpi step`."""

import pytest

from flows.crypto_events.pipeline import PIPELINE

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


def test_an_unknown_step_has_no_declaration() -> None:
    with pytest.raises(KeyError):
        PIPELINE.step("publish")
