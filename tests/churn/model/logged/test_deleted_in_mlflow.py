"""What a person deleted in MLflow or in its store ends a training before anything is fitted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from pkgutil import resolve_name

import boto3
import pytest

from flows.churn.features.feature_engineering import FeatureTable
from flows.churn.folders import churn_run_folder
from flows.churn.model.find_production import Production, find_production
from flows.churn.model.logged.mlflow_log import mlflow_run
from flows.churn.model.logged.registry import EXPERIMENT, base_rate, experiment_id, production_model
from flows.churn.model.lookback import lookback_of
from flows.churn.model.train_spark_model import train_spark_model
from flows.churn.pipeline import SCORING
from flows.churn.planning import plan_snapshot
from flows.churn.production.in_mlflow import MODEL
from flows.churn.production.truth import production_version
from flows.churn.promotion.rollback import roll_back
from flows.churn.run import ChurnRun
from flows.errors import KpiError, Unavailable
from flows.local.machine import free_port
from flows.platform.storage.atomic_files import write_json
from flows.settings import Settings
from tests.churn.handmade_models import AS_OF, Registry
from tests.s3_endpoint import client_of, s3_endpoint


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(settings, tmp_path_factory)


@pytest.fixture
def run(registry: Registry) -> ChurnRun:
    """A run whose features are there, and whose model is to be fitted."""
    run = registry.trained("good")
    table = FeatureTable(run.cutoff, 365, 100, 50, [], "0" * 64, {})
    write_json(churn_run_folder(registry.settings, run.run_id) / "features.json", asdict(table))
    return run


@contextmanager
def files_away(registry: Registry, model: str) -> Iterator[None]:
    """The files of a model are not where MLflow put them, as after a deletion in the store."""
    model_id = registry.logged[model].model_uri.removeprefix("models:/")
    location = registry.client.get_logged_model(model_id).artifact_location
    there = Path(location.removeprefix("file://"))
    away = there.rename(there.with_name("away"))
    try:
        yield
    finally:
        away.rename(there)


def begins(registry: Registry, run: ChurnRun) -> bool:
    """Whether a training gets as far as to the fit, which is left out."""
    table = FeatureTable(run.cutoff, 365, 100, 50, [], "0" * 64, {})
    with mlflow_run(registry.settings, run, table):
        return True


def fitted(registry: Registry, run: ChurnRun) -> bool:
    return (churn_run_folder(registry.settings, run.run_id) / "spark_model").exists()


def test_a_deleted_experiment(registry: Registry, run: ChurnRun) -> None:
    deleted = experiment_id(registry.settings, registry.client)
    registry.client.delete_experiment(deleted)

    with pytest.raises(
        KpiError, match=f"The experiment {EXPERIMENT} was deleted .* --experiment-id {deleted}`"
    ):
        train_spark_model(registry.settings, run)

    assert not fitted(registry, run)
    registry.client.restore_experiment(deleted)
    assert begins(registry, run)


def test_a_renamed_experiment_is_begun_again(registry: Registry, run: ChurnRun) -> None:
    former = experiment_id(registry.settings, registry.client)
    registry.client.rename_experiment(former, "old")
    assert begins(registry, run)
    assert experiment_id(registry.settings, registry.client) != former


def test_production_without_its_files(registry: Registry, run: ChurnRun) -> None:
    registry.promoted("fair")
    with files_away(registry, "fair"):
        with pytest.raises(KpiError, match=f"Version 1 of {MODEL} does not load: .* Put its files"):
            train_spark_model(registry.settings, run)
        assert not fitted(registry, run)
        # What the sentence says: without the version, the next training begins.
        registry.client.delete_model_version(MODEL, "1")
        assert production_version(registry.settings) is None
        assert begins(registry, run)


def test_scores_need_a_production_that_loads(registry: Registry) -> None:
    scoring = plan_snapshot(registry.settings, AS_OF, source=Path("nowhere"))
    with pytest.raises(KpiError, match="There is no Production model to score with"):
        find_production(registry.settings, scoring)
    registry.promoted("fair")
    assert find_production(registry.settings, scoring) == Production("1", None)
    with files_away(registry, "fair"), pytest.raises(KpiError, match=r"Version 1 .* does not load"):
        find_production(registry.settings, scoring)


def test_an_mlflow_that_is_away_for_a_second_fails_a_step_that_is_tried_again(
    settings: Settings,
) -> None:
    away = settings.model_copy(update={"mlflow_tracking_uri": f"http://127.0.0.1:{free_port()}"})

    scoring = resolve_name(SCORING.plan)(away, AS_OF, source=Path("nowhere"))

    with pytest.raises(Unavailable, match="MLflow does not answer"):
        find_production(away, scoring)
    assert SCORING.steps[0].name == "find_production"
    assert SCORING.steps[0].retries == 3


def test_a_deleted_model_is_begun_again(registry: Registry) -> None:
    registry.promoted("fair")
    registry.client.delete_registered_model(MODEL)

    again = registry.promoted("good")

    assert (again.promoted, production_version(registry.settings)) == (True, "1")
    assert production_model(registry.settings).version == "1"


def test_no_way_back_to_a_version_without_its_files(registry: Registry) -> None:
    registry.promoted("fair")
    registry.promoted("good")
    with files_away(registry, "fair"), pytest.raises(KpiError, match=r"Version 1 .* does not load"):
        roll_back(registry.settings, why="support is flooded")
    assert production_version(registry.settings) == "2"


def test_a_deleted_bucket(
    registry: Registry, run: ChurnRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_endpoint() as s3:
        assert s3.access_key_id
        assert s3.secret_access_key
        # The keys that MLflow's session finds are forgotten with it.
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", str(s3.endpoint_url))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.secret_access_key.get_secret_value())
        registry.client.create_experiment(EXPERIMENT, "s3://deleted/churn")

        with pytest.raises(
            KpiError,
            match=r"MLflow keeps no files in s3://deleted/churn.*NoSuchBucket.* Nothing was",
        ):
            train_spark_model(registry.settings, run)

        assert not fitted(registry, run)
        client_of(s3).create_bucket(Bucket="deleted")
        assert begins(registry, run)


def test_what_mlflow_cannot_say_just_now_is_not_taken_for_gone(registry: Registry) -> None:
    """A guardrail would not be asked, and users described by other days than those of training."""
    version = registry.production("payers", 120)
    client, document = registry.client, production_model(registry.settings)
    assert lookback_of(registry.settings, document) == 120
    with registry.without("params"):
        with pytest.raises(Unavailable, match="MLflow does not say who taught version 1"):
            base_rate(client, version)
        with pytest.raises(Unavailable, match="MLflow does not say how version 1 was trained"):
            lookback_of(registry.settings, document)
    client.delete_model_version(MODEL, version)
    assert base_rate(client, version) is None
    assert lookback_of(registry.settings, document) is None
