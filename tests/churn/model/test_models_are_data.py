"""Whoever can write to MLflow cannot run code here, and no model of theirs scores."""

import warnings
from contextlib import suppress
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from flows.churn.features.feature_engineering import FeatureTable
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot, snapshot
from flows.churn.model.find_production import find_production
from flows.churn.model.logged.mlflow_log import mlflow_run
from flows.churn.model.logged.registry import model_to_look_at, production_model, register_version
from flows.churn.model.score_users import score_users
from flows.churn.planning import plan_snapshot
from flows.churn.production import ledger
from flows.churn.production.in_mlflow import MODEL, read_mlflow, set_in_mlflow
from flows.churn.production.truth import production_version
from flows.churn.promotion.evaluate_candidate import evaluate_candidate
from flows.churn.promotion.promote_model import promote_model
from flows.churn.promotion.rollback import roll_back
from flows.churn.run import ChurnRun
from flows.churn.sample_data.writer import write_sample_data
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.handmade_models import AS_OF, MODELS, Registry, users, with_churn
from tests.churn.tampering import change_coefficients, files_of, put_code_there

CHANGED = (
    r"Version 2 of churn-model is refused: its coefficients\.json in MLflow has SHA-256 \w{12}…, "
    r"not the \w{12}… that the promotion ledger knows\. .* \(kpi model accept 2 --why"
)


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=200, seed=3)
    return folder


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """MLflow with version 2, the model `good`, as Production; 1 was it before."""
    return Registry(settings, tmp_path_factory, ["fair", "good"])


def assert_scored_by(registry: Registry, model: str, delivery: Path, db: Connection) -> None:
    """A whole scoring leaves the probabilities of this model."""
    run = plan_snapshot(registry.settings, AS_OF, source=delivery)
    find_production(registry.settings, run)
    build_current_snapshot(registry.settings, run)
    score_users(registry.settings, run)
    table = pd.read_parquet(snapshot(registry.settings, run)).sort_values("user_id")
    found = db.execute("SELECT probability FROM prod.bt_churn_scores ORDER BY user_id").fetchall()
    assert [row["probability"] for row in found] == MODELS[model].probabilities(table).tolist()


def begin(registry: Registry, run: ChurnRun) -> None:
    """Begin a training, as far as to the fit."""
    table = FeatureTable(run.cutoff, 365, 100, 50, [], "0" * 64, {})
    with mlflow_run(registry.settings, run, table):
        pass


def add_version(registry: Registry, model: str) -> str:
    """Register a version and move stage and alias to it, as somebody does in MLflow."""
    logged = registry.logged[model]
    version = register_version(registry.client, logged.model_uri, logged.mlflow_run_id, "mine")
    set_in_mlflow(registry.client, version)
    return version


def test_code_that_mlflow_keeps_with_a_version_is_never_run(
    registry: Registry, delivery: Path, db: Connection, tmp_path: Path
) -> None:
    mark = tmp_path / "it ran"
    with files_of(registry, "good") as good, files_of(registry, "best") as best:
        for folder in (good, best):
            put_code_there(folder, mark)

        assert_scored_by(registry, "good", delivery, db)
        assert model_to_look_at(registry.settings).version == "2"
        run, evaluation = registry.evaluated("best")
        assert evaluation.champion_version == "2"
        begin(registry, run)
        assert promote_model(registry.settings, run).production == "3"
        assert roll_back(registry.settings, why="wrong") == ("3", "2")
        assert not mark.exists()

        # Loading it from MLflow, as this project did, runs it.
        with warnings.catch_warnings(), suppress(Exception):
            warnings.simplefilter("ignore")
            mlflow.pyfunc.load_model(f"models:/{MODEL}/2").predict(users())
        assert mark.exists()


def test_a_version_of_somebody_else_is_refused(
    registry: Registry, delivery: Path, db: Connection
) -> None:
    assert add_version(registry, "best") == "3"
    assert model_to_look_at(registry.settings).version == "2"

    assert_scored_by(registry, "good", delivery, db)

    assert read_mlflow(registry.client).says("2")
    (line,) = ledger.history(registry.settings, 1)
    assert (line["action"], line["version"], line["model_sha256"]) == ("taken back", "3", None)


def test_a_version_that_took_the_place_of_a_deleted_one_is_refused(registry: Registry) -> None:
    add_version(registry, "best")
    registry.client.delete_model_version(MODEL, "2")
    with pytest.raises(KpiError, match="There is no Production model to score with"):
        production_model(registry.settings)
    assert read_mlflow(registry.client).says(None)


def test_a_model_that_was_made_again_under_the_same_number_is_refused(registry: Registry) -> None:
    registry.client.delete_registered_model(MODEL)
    for model in ("fair", "best"):
        version = add_version(registry, model)
    assert version == "2"
    with pytest.raises(KpiError, match=CHANGED):
        production_model(registry.settings)


def test_changed_coefficients_are_refused_everywhere(registry: Registry, delivery: Path) -> None:
    settings, training = registry.settings, registry.trained("best")
    scoring = plan_snapshot(settings, AS_OF, source=delivery)
    build_current_snapshot(settings, scoring)
    with files_of(registry, "good") as folder:
        change_coefficients(folder)
        for load in (
            lambda: production_model(settings),
            lambda: model_to_look_at(settings),
            lambda: find_production(settings, scoring),
            lambda: score_users(settings, scoring),
            lambda: evaluate_candidate(settings, training),
            lambda: begin(registry, training),
        ):
            with pytest.raises(KpiError, match=CHANGED):
                load()
        # Away from it there is a way, back to it there is none.
        assert roll_back(settings, why="somebody was here") == ("2", "1")
    with files_of(registry, "fair") as folder:
        change_coefficients(folder)
        with pytest.raises(KpiError, match="Version 1 of churn-model is refused"):
            production_model(settings)


def test_no_way_back_to_changed_coefficients(registry: Registry) -> None:
    with files_of(registry, "fair") as folder:
        change_coefficients(folder)
        with pytest.raises(KpiError, match="Version 1 of churn-model is refused: its coeff"):
            roll_back(registry.settings, why="wrong")
    assert production_version(registry.settings) == "2"


def test_a_candidate_that_was_changed_after_its_training_is_refused(registry: Registry) -> None:
    evaluated, _ = registry.evaluated("best")
    trained = registry.trained("best")
    with files_of(registry, "best") as folder:
        change_coefficients(folder)
        told = r"Version 3 of churn-model is refused: .* of what this run trained\. Train again\."
        with pytest.raises(KpiError, match=told):
            promote_model(registry.settings, evaluated)
        with pytest.raises(KpiError, match=told):
            evaluate_candidate(registry.settings, trained)
    assert production_version(registry.settings) == "2"


def test_what_is_followed_by_a_setting_is_known_by_its_hash(registry: Registry) -> None:
    registry.settings = with_churn(registry.settings, changes_in_mlflow="follow")
    add_version(registry, "best")
    # Who only looks waits until the ledger knows it.
    assert model_to_look_at(registry.settings).version == "2"
    document = production_model(registry.settings)
    assert (document.version, document.sha256) == ("3", registry.logged["best"].model_sha256)
    (line,) = ledger.history(registry.settings, 1)
    assert line["decided_by"] == "somebody, in MLflow"
    assert line["reasons"][0].startswith("Somebody made version 3 Production in MLflow")
    assert document.sha256.startswith(line["model_sha256"])


def test_what_holds_no_model_or_another_one_is_not_followed(registry: Registry) -> None:
    registry.settings = with_churn(registry.settings, changes_in_mlflow="follow")
    with files_of(registry, "best") as best, files_of(registry, "fair") as fair:
        (best / "artifacts" / "coefficients.json").write_text("{}")
        change_coefficients(fair)
        assert add_version(registry, "best") == "3"
        assert production_version(registry.settings) == "2"
        set_in_mlflow(registry.client, "1")
        assert production_version(registry.settings) == "2"
    known, empty = ledger.history(registry.settings, 2)
    assert (known["action"], empty["action"]) == ("taken back", "taken back")
    assert "that the promotion ledger knows" in known["reasons"][1]
    assert "coefficients.json holds no model" in empty["reasons"][1]
    assert read_mlflow(registry.client).says("2")
