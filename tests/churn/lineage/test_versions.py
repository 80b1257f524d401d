"""Which versions and rows churn's lineage tells of what a training and the watchdog read."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from flows.churn.features.feature_engineering import feature_table
from flows.churn.lineage.facts import evaluated, production_found, promoted, trained, watched
from flows.churn.model.find_production import Production
from flows.churn.model.metrics import Quality
from flows.churn.model.training_result import Training
from flows.churn.pipeline import (
    DELIVERED,
    EARLIER_FEATURES,
    FEATURES,
    MODEL,
    PROMOTIONS,
    TRAINING,
)
from flows.churn.planning import plan_snapshot, plan_training
from flows.churn.promotion.evaluate_candidate import Evaluation
from flows.churn.promotion.promote_model import Promotion
from flows.churn.sources.changes.detect_source_changes import detect_source_changes
from flows.platform.pipeline.plain_run import run_steps
from flows.settings import Settings
from tests.churn.churn_files import AS_OF, ROWS, deliver


@pytest.fixture
def settings_of_churn(make_churn_settings: Any) -> Settings:
    """Settings without a database, for files that need not know one another's users."""
    made: Settings = make_churn_settings(min_known_share=0)
    return made


def test_a_training_is_told_from_its_users_to_the_version_that_was_judged(
    settings_of_churn: Settings, tmp_path: Path
) -> None:
    run = plan_training(settings_of_churn, AS_OF, source=deliver(tmp_path / "delivery"))
    run_steps(TRAINING, settings_of_churn, run, last="feature_engineering")
    table = feature_table(settings_of_churn, run)
    quality = Quality(4, 2, 0.8, 0.8, 0.5, 0.2, 0.1)
    training = Training("a run", "runs:/a run/model", 0.1, 0.5, quality, None, None)
    of_training = trained(settings_of_churn, run, training)
    assert of_training.rows[FEATURES] == table.users
    assert of_training.rows[EARLIER_FEATURES] > 0
    assert of_training.versions[FEATURES] == table.dataset_sha256
    assert of_training.versions[MODEL] == "runs:/a run/model"

    judged = Evaluation("7", quality, None, None, None)
    assert evaluated(settings_of_churn, run, judged).versions == {MODEL: "7"}
    for promotion in (Promotion("7", True, "7", []), Promotion("7", False, "3", ["Worse."])):
        told = promoted(settings_of_churn, run, promotion)
        assert (told.versions, told.rows) == ({MODEL: "7"}, {PROMOTIONS: 1})
    found = production_found(settings_of_churn, run, Production("7", None))
    assert found.versions == {MODEL: "7"}


def test_the_watchdog_tells_the_hash_of_each_file(settings: Settings, tmp_path: Path) -> None:
    source = deliver(tmp_path / "delivery")
    run = plan_snapshot(settings, AS_OF, source=source)
    told = watched(settings, run, detect_source_changes(settings, run))
    assert told.versions == {
        DELIVERED[name]: hashlib.sha256((source / f"{name}.csv").read_bytes()).hexdigest()
        for name in ROWS
    }
