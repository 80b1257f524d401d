"""A model keeps its lookback: it is scored with as many days of payments as it was trained with."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from flows.churn.features.feature_engineering import (
    feature_engineering,
    features,
    features_of_lookback,
)
from flows.churn.features.labelled_users import read_users
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot, snapshot
from flows.churn.folders import churn_run_folder
from flows.churn.model.find_production import find_production
from flows.churn.model.logged.registry import production_model
from flows.churn.model.lookback import lookback_of
from flows.churn.model.metrics import quality
from flows.churn.model.score_users import score_users
from flows.churn.planning import plan_snapshot, plan_training
from flows.churn.promotion.evaluate_candidate import evaluate_candidate
from flows.churn.run import ChurnRun
from flows.churn.sample_data.writer import write_sample_data
from flows.churn.sources.clean_raw_sources import clean_raw_sources
from flows.errors import BadInput
from flows.settings import Settings
from tests.churn.handmade_models import AS_OF, MODELS, Registry
from tests.churn.weekly_deliveries import with_longer_history

LABEL_WINDOWS = timedelta(days=60)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery of 180 days of payments, which makes a lookback of 120."""
    folder = tmp_path_factory.mktemp("short") / "delivery"
    write_sample_data(folder, users=300, seed=3, as_of=AS_OF)
    return folder


@pytest.fixture(scope="module")
def grown(short: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same users when history has grown: a lookback of 180."""
    first = AS_OF - LABEL_WINDOWS - timedelta(days=179)
    return with_longer_history(short, tmp_path_factory.mktemp("grown") / "delivery", first)


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow, where Production is version 1, trained with 120 days of payments."""
    registry = Registry(settings, tmp_path_factory)
    registry.production("payers", 120)
    return registry


def begin(settings: Settings, source: Path) -> tuple[ChurnRun, int | None]:
    """A scoring that has found Production, and the lookback that it is to have."""
    run = plan_snapshot(settings, AS_OF, source=source)
    return run, find_production(settings, run).lookback_days


def described(settings: Settings, run: ChurnRun) -> pd.DataFrame:
    build_current_snapshot(settings, run)
    return pd.read_parquet(snapshot(settings, run))


def test_growing_history_changes_no_score(registry: Registry, short: Path, grown: Path) -> None:
    settings = registry.settings
    before, lookback_days = begin(settings, short)
    assert lookback_days == 120
    users = described(settings, before)
    scored = score_users(settings, before)
    # A model that is trained now would see more.
    assert (
        build_current_snapshot(settings, plan_snapshot(settings, source=grown)).lookback_days > 120
    )

    after, _ = begin(settings, grown)

    pd.testing.assert_frame_equal(described(settings, after), users)
    assert score_users(settings, after) == scored


def test_a_delivery_that_lost_history_is_refused(registry: Registry, short: Path) -> None:
    registry.production("good", 270)
    run, _ = begin(registry.settings, short)
    with pytest.raises(BadInput) as error:
        build_current_snapshot(registry.settings, run)
    assert str(error.value) == (
        "PAYMENTS.csv, column FECHA, starts on 2026-01-02, but the Production model reads the "
        "270 days of payments that it was trained with: as of 2026-06-30 it needs them from "
        "2025-10-04 on. Deliver the missing days, or train on these with kpi train."
    )


def test_users_described_for_another_model_are_not_scored(registry: Registry, grown: Path) -> None:
    settings = registry.settings
    run, _ = begin(settings, grown)
    build_current_snapshot(settings, run)
    registry.production("good", 180)
    with pytest.raises(BadInput) as error:
        score_users(settings, run)
    assert str(error.value) == (
        "The users are described by 120 days of payments, and version 2, which is Production now, "
        "was trained with 180. Start the run again: it takes every step once more."
    )
    find_production(settings, run)
    build_current_snapshot(settings, run)
    assert score_users(settings, run).model_version == "2"


def test_a_version_that_says_nothing_reads_what_there_is(
    registry: Registry, grown: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registry.production("good")
    run, lookback_days = begin(registry.settings, grown)
    assert lookback_days is None
    assert build_current_snapshot(registry.settings, run).lookback_days == 180
    assert (
        "MLflow does not know how many days of payments version 2 was trained with" in caplog.text
    )
    gone = replace(production_model(registry.settings), version="99")
    assert lookback_of(registry.settings, gone) is None


def test_what_the_document_says_counts_and_not_what_mlflow_does(registry: Registry) -> None:
    document = production_model(registry.settings)
    assert lookback_of(registry.settings, document) == 120
    model = document.model.model_copy(update={"lookback_days": 90})
    assert lookback_of(registry.settings, replace(document, model=model)) == 90


def test_production_is_compared_by_the_days_that_it_was_trained_with(
    registry: Registry, grown: Path
) -> None:
    settings = registry.settings
    template = churn_run_folder(settings, registry.trained("good").run_id) / "training.json"
    run = plan_training(settings, AS_OF, source=grown)
    clean_raw_sources(settings, run)
    assert feature_engineering(settings, run).lookback_days == 180
    (churn_run_folder(settings, run.run_id) / "training.json").write_text(template.read_text())

    found = evaluate_candidate(settings, run)

    by_120 = read_users(features_of_lookback(settings, run, 120), holdout=True)
    by_180 = read_users(features(settings, run), holdout=True)
    champion = MODELS["payers"]
    churned = by_180["churned"].to_numpy()
    assert found.champion == quality(churned, champion.probabilities(by_120))
    assert found.champion != quality(churned, champion.probabilities(by_180))
    assert by_120["first_payment_days"].max() < 120 <= by_180["first_payment_days"].max()


def test_without_those_days_production_is_compared_by_the_candidates(
    registry: Registry, short: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = registry.settings
    registry.production("good", 270)
    template = churn_run_folder(settings, registry.trained("best").run_id) / "training.json"
    run = plan_training(settings, AS_OF, source=short)
    clean_raw_sources(settings, run)
    feature_engineering(settings, run)
    (churn_run_folder(settings, run.run_id) / "training.json").write_text(template.read_text())

    found = evaluate_candidate(settings, run)

    assert found.champion_version == "2"
    assert "Version 2 is compared on fewer days of payments: PAYMENTS.csv, column" in caplog.text
