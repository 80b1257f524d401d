"""A training that leaves sensitive features out and weighs the classes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from flows.churn.features.definitions import FEATURE_NAMES, SENSITIVE
from flows.churn.features.feature_engineering import features
from flows.churn.features.labelled_users import read_users
from flows.churn.production.document import DOCUMENT
from flows.local.postgres.server import PostgresServer
from flows.platform.storage.atomic_files import read_json
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
from tests.churn.handmade_models import with_churn
from tests.churn.model.training_runs import platform, train

pytestmark = pytest.mark.xdist_group("spark")


@pytest.fixture(scope="module")
def settings(
    server: PostgresServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings that weigh the classes, and leave sensitive features out."""
    with platform(server, template, tmp_path_factory, "kpi_left_out") as made:
        yield with_churn(made, class_weights_below=0.5, sensitive_features="leave_out")


@pytest.fixture(scope="module")
def weighed(settings: Settings) -> Any:
    """The run, and what its training returned."""
    return train(settings, "weighed")


def test_sensitive_features_are_left_out_and_the_card_says_what_that_costs(
    settings: Settings, weighed: Any
) -> None:
    assert SENSITIVE == ("age", "gender_is_female")
    training = weighed[1]
    folder = Path(mlflow_client(settings).download_artifacts(training.mlflow_run_id, ""))
    read = {term["feature"] for term in read_json(folder / DOCUMENT)["terms"]}
    assert set(SENSITIVE) == set(FEATURE_NAMES) - read - set(_empty(settings, training))
    card = (folder / "model_card.md").read_text(encoding="utf-8")
    whole = training.with_sensitive_roc_auc
    assert whole == pytest.approx(training.holdout.roc_auc, abs=0.03)
    assert f"With them, the holdout's ROC AUC would be {whole:.3f}: leaving them out" in card
    assert re.search(r"\| gender F \| \d+ \| \d+% \| \d+% \| 0\.\d+ \| 0\.\d+ \|", card)
    assert "## What it must not be used for" in card


def _empty(settings: Settings, training: Any) -> list[str]:
    known = mlflow_client(settings).get_run(training.mlflow_run_id).data.params["empty_features"]
    return [] if known == "none" else known.split(", ")


def test_rare_churn_is_weighed_and_still_calibrated(settings: Settings, weighed: Any) -> None:
    run, training = weighed
    users = read_users(features(settings, run), holdout=True)
    model = mlflow_client(settings).get_run(training.mlflow_run_id)
    linear = mlflow.pyfunc.load_model(training.model_uri).unwrap_python_model().model

    # Without the correction, the mean probability would be near one half.
    probability = linear.probabilities(users)
    assert probability.mean() == pytest.approx(users["churned"].mean(), abs=0.04)
    assert model.data.metrics["holdout_roc_auc"] > 0.75
