"""`kpi step` runs a step of any pipeline."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.churn.sample_data import write_sample_data
from flows.platform.settings import Settings

Kpi = Callable[..., Any]


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A small delivery."""
    write_sample_data(tmp_path / "delivery", users=200, seed=1)
    return str(tmp_path / "delivery")


def test_the_steps_of_a_churn_run_hand_on_through_its_folder(
    warehouse: Settings, kpi: Kpi, source: str
) -> None:
    run = ("--run-id", "airflow: a/b", "--source", source)
    cleaned = kpi("step", "churn_training", "clean_raw_sources", *run)
    made = kpi("step", "churn_training", "feature_engineering", *run)

    assert (cleaned.code, made.code) == (0, 0)
    assert json.loads(cleaned.out.splitlines()[-1])["rows"]["ACTIVE_USER"] == 200
    assert json.loads(made.out.splitlines()[-1])["users"] == 200


@pytest.mark.usefixtures("warehouse")
def test_a_step_before_its_time_names_the_one_before_it(kpi: Kpi, source: str) -> None:
    said = kpi("step", "churn_training", "promote_model", "--run-id", "x", "--source", source)

    assert said.code == 2
    assert said.sentence == "kpi: Run x has no decision. Run decide_promotion first."


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("cooking", "boil"), "There is no pipeline cooking. Pipelines: crypto_events, churn_tr"),
        (("churn_watchdog", "boil"), "There is no step churn_watchdog boil. Its steps: detect_so"),
        (
            ("churn_scoring", "score_users", "--policy", "abort"),
            "churn_scoring knows no --policy.",
        ),
        (
            ("crypto_events", "merge_to_prod", "--source", "x"),
            "crypto_events knows no --source.",
        ),
    ],
)
def test_what_there_is_not_is_told(words: tuple[str, ...], sentence: str, kpi: Kpi) -> None:
    said = kpi("step", *words, "--run-id", "x")

    assert said.code == 2
    assert said.sentence.startswith(f"kpi: {sentence}")
