"""A training on the sample, on real Spark and MLflow: what it leaves, and how honest it is."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.engines import churn_spark
from flows.churn.features.feature_engineering import feature_table, features
from flows.churn.features.labelled_users import read_users
from flows.churn.folders import last_training
from flows.churn.model.logged.registry import production_model
from flows.churn.model.model_document import model_of
from flows.churn.model.registered_model import PROBABILITY
from flows.churn.model.train_spark_model import train_spark_model
from flows.churn.production import ledger
from flows.churn.production.in_mlflow import MODEL
from flows.churn.production.truth import production_version
from flows.churn.promotion.rollback import roll_back
from flows.local.postgres.server import PostgresServer
from flows.paths import REPOSITORY
from flows.platform.compute.spark import spark_address
from flows.platform.storage.atomic_files import read_json
from flows.platform.tracking.client import mlflow_client, tracking_uri
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings
from tests.app.app_pages import asked_for, said
from tests.churn.handmade_models import with_churn
from tests.churn.model.training_runs import AS_OF, judge, platform, train

pytestmark = pytest.mark.xdist_group("spark")


@pytest.fixture(scope="module")
def settings(
    server: PostgresServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of one platform for all tests of this module, in a folder of an odd name."""
    with platform(server, template, tmp_path_factory, "kpi_training") as made:
        yield made


@pytest.fixture(scope="module")
def first(settings: Settings) -> Any:
    """The first training: run, what it returned, the promotion."""
    run, training = train(settings, "first")
    return run, training, judge(settings, run)


@pytest.fixture
def holdout(settings: Settings, first: Any) -> pd.DataFrame:
    """Users that the first training never saw."""
    return read_users(features(settings, first[0]), holdout=True)


def test_the_figures_are_those_of_people_it_never_saw(first: Any, holdout: pd.DataFrame) -> None:
    _, training, _ = first
    quality = training.holdout

    assert quality.rows == len(holdout)
    assert quality.churned == holdout["churned"].sum()
    assert 0.75 < quality.roc_auc < 0.92
    assert quality.calibration_error < 0.1
    # Users who pay are harder to tell apart, and payments alone tell less than all is known.
    assert 0.6 < training.recent.roc_auc < quality.roc_auc
    assert 0.65 < training.payments_alone_roc_auc < quality.roc_auc
    # Both read the same of the same users, whose habits do not change here: ageing costs nothing.
    assert abs(training.payments_alone_roc_auc - training.out_of_time_roc_auc) < 0.02


def test_the_first_that_keeps_the_guardrails_becomes_production(
    settings: Settings, first: Any
) -> None:
    _, _, promotion = first

    assert promotion.promoted
    assert "there is no Production yet" in promotion.reasons
    assert production_version(settings) == promotion.version == "1"


def test_mlflow_has_all_that_explains_the_model(settings: Settings, first: Any) -> None:
    run, training, _ = first
    client = mlflow_client(settings)
    logged = client.get_run(training.mlflow_run_id)

    assert client.get_experiment(logged.info.experiment_id).name == "churn_retention"
    assert logged.data.params["cutoff"] == str(run.cutoff)
    assert logged.data.params["as_of"] == str(AS_OF)
    assert logged.data.params["lookback_days"] == "120"
    measures = {"roc_auc", "pr_auc", "log_loss", "brier", "calibration_error"}
    assert {f"holdout_{name}" for name in measures} <= set(logged.data.metrics)
    assert {"payments_alone_roc_auc", "out_of_time_roc_auc"} <= set(logged.data.metrics)
    assert {"holdout_estimated_auc", "recent_estimated_auc"} <= set(logged.data.metrics)
    used = {
        tag.value: each
        for each in logged.inputs.dataset_inputs
        for tag in each.tags
        if tag.key == "mlflow.data.context"
    }
    assert set(used) == {"holdout", "training"}
    for each in used.values():
        assert logged.data.params["dataset_sha256"].startswith(each.dataset.digest)
    rows = {tag.key: tag.value for tag in used["training"].tags}["rows"]
    assert int(rows) + training.holdout.rows == int(logged.data.params["users"])
    files = {item.path for item in client.list_artifacts(training.mlflow_run_id)}
    assert files >= {
        "coefficients.json",
        "confusion.json",
        "lineage.json",
        "model_card.md",
        "plots",
        "shap_values.parquet",
        "spark_model",
    }
    note = logged.data.tags["mlflow.note.content"]
    assert "## What it must not be used for" in note
    assert note.startswith(f"# Churn model, trained as of {AS_OF}")
    version = client.get_model_version(MODEL, "1")
    assert (version.tags["as_of"], version.tags["cutoff"]) == (str(AS_OF), str(run.cutoff))
    assert version.tags["dataset_sha256"] == logged.data.params["dataset_sha256"]
    plots = {item.path for item in client.list_artifacts(training.mlflow_run_id, "plots")}
    assert plots == {"plots/calibration.png", "plots/drivers.png", "plots/lift.png"}


def test_the_card_tells_the_measured_figures(
    settings: Settings, first: Any, tmp_path: Path
) -> None:
    _, training, _ = first
    client = mlflow_client(settings)
    path = client.download_artifacts(training.mlflow_run_id, "model_card.md", str(tmp_path))
    card = Path(path).read_text(encoding="utf-8")

    assert f"| {training.holdout.roc_auc:.3f} |" in card
    assert f"ROC AUC of {training.payments_alone_roc_auc:.3f}, the one fitted" in card
    assert f"fitted 30 days earlier {training.out_of_time_roc_auc:.3f}, both" in card
    assert "Limits" in card
    # The sample data has users who never paid, and none who is in one file about users alone.
    assert re.search(r"each file knows: ACTIVE_USER \d+%, DEMOGRAFICOS \d+%, ", card)
    assert re.search(r"- \d+ users of these files never paid\.", card)


@pytest.mark.long
def test_the_model_scores_in_a_process_without_java(
    settings: Settings, first: Any, holdout: pd.DataFrame, tmp_path: Path
) -> None:
    users = tmp_path / "users.parquet"
    holdout.to_parquet(users)
    code = (
        "import sys; sys.modules['pyspark'] = None; "  # no import of it succeeds
        "import json, mlflow, pandas; "
        f"mlflow.set_tracking_uri({tracking_uri(settings)!r}); "
        "models = [mlflow.pyfunc.load_model(uri) for uri in "
        "('models:/churn-model/Production', 'models:/churn-model@production')]; "
        f"users = pandas.read_parquet({str(users)!r}); "
        f"scores = [model.predict(users[{list(FEATURE_NAMES)!r}]) for model in models]; "
        "assert not any(name.startswith('flows') for name in sys.modules); "
        f"print(json.dumps([list(score[{PROBABILITY!r}]) for score in scores]))"
    )
    environment = {"PATH": "", "JAVA_HOME": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    by_stage, by_alias = json.loads(done.stdout.splitlines()[-1])

    assert by_stage == by_alias
    document = production_model(settings)
    assert document.model.lookback_days == feature_table(settings, first[0]).lookback_days
    assert model_of(document).probabilities(holdout).tolist() == by_stage
    assert max(abs(by_stage - spark_probabilities(settings, first))) <= 1e-9


def test_the_app_asks_about_a_user_of_the_training(
    settings: Settings, first: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_HOME", str(settings.home))
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(settings))
    st.cache_data.clear()
    st.cache_resource.clear()
    app = AppTest.from_file(REPOSITORY / "app" / "home.py", default_timeout=60).run()
    app.switch_page("views/score.py").run()

    # Somebody is like this, whom the model was trained on.
    others = read_users(features(settings, first[0]), holdout=False)[list(FEATURE_NAMES)]
    asked = pd.Series(asked_for(app), dtype="float64")[list(FEATURE_NAMES)]
    assert (others.round(2).fillna(-1) == asked.fillna(-1)).all(axis=1).any()
    linear = model_of(production_model(settings))
    typical = linear.probabilities(pd.DataFrame([asked]))[0]
    app.button[0].click().run()

    assert f"Probability of churn: {typical:.1%}" in said(app)
    assert not app.error
    assert "trust it less" not in said(app)


def test_the_signature_names_every_feature(settings: Settings, first: Any) -> None:
    mlflow_client(settings)
    model = mlflow.pyfunc.load_model(f"models:/{MODEL}/1")

    assert model.metadata.signature.inputs.input_names() == list(FEATURE_NAMES)
    assert model.metadata.signature.outputs.input_names() == [PROBABILITY]
    example = model.input_example
    assert list(example.columns) == list(FEATURE_NAMES)
    assert len(model.predict(example)) == len(example)


def test_the_same_data_again_is_no_gain_and_tried_again_one_run_in_mlflow(
    settings: Settings, first: Any
) -> None:
    run, _ = train(settings, "again")
    training = train_spark_model(settings, run)
    client = mlflow_client(settings)
    experiment = client.get_run(training.mlflow_run_id).info.experiment_id
    found = client.search_runs([experiment], "tags.`kpi.run_id` = 'again'")
    assert [each.info.run_id for each in found] == [training.mlflow_run_id]

    promotion = judge(settings, run)

    assert not promotion.promoted
    assert promotion.production == "1"
    (reason,) = promotion.reasons
    assert "ROC AUC +0.0000 against Production version 1" in reason
    summary = read_json(last_training(settings))
    assert summary["run_id"] == "again"
    assert summary["production"] == "1"
    assert summary["decision"]["reasons_against"] == [reason]

    # Judged twice, it is one version and one line of the ledger.
    assert judge(settings, run).version == promotion.version
    judged = [line["version"] for line in ledger.history(settings, 100)]
    assert judged.count(promotion.version) == 1


def test_a_better_model_takes_over_and_can_be_rolled_back(
    settings: Settings, first: Any, tmp_path: Path
) -> None:
    # A setting that any candidate meets: what is tested is the change of hands.
    eager = with_churn(settings, promotion_min_delta=0.0)
    run, training = train(with_churn(settings, challengers=("bg_nbd",)), "takes over")
    promotion = judge(eager, run)
    client = mlflow_client(settings)
    assert [each.kind for each in training.tried] == ["logistic regression", "BG/NBD"]
    assert "bg_nbd_holdout_roc_auc" in client.get_run(training.mlflow_run_id).data.metrics

    assert promotion.promoted
    assert production_version(settings) == promotion.version
    stages = {
        str(found.version): found.current_stage
        for found in client.search_model_versions(f"name = '{MODEL}'")
    }
    assert stages[promotion.version] == "Production"
    assert stages["1"] == "Archived"

    assert roll_back(settings, why="test") == (promotion.version, "1")
    assert production_version(settings) == "1"
    newest, before, *_ = ledger.history(settings, 2)
    assert (newest["action"], newest["reasons"]) == ("rolled back", ["test"])
    assert (before["action"], before["former_version"]) == ("promoted", "1")


def spark_probabilities(settings: Settings, first: Any) -> Any:
    """What the Spark model that MLflow keeps says of the holdout."""
    from pyspark.ml import PipelineModel
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql.functions import col

    run, training, _ = first
    spark = churn_spark(settings)
    client = mlflow_client(settings)
    folder = client.download_artifacts(training.mlflow_run_id, "spark_model", str(settings.home))
    users = spark.read.parquet(spark_address(features(settings, run))).where("in_holdout")
    return (
        PipelineModel.load(spark_address(Path(folder)))
        .transform(users)
        .orderBy("user_id")
        .select(vector_to_array(col("probability"))[1].alias("p"))
        .toPandas()["p"]
        .to_numpy()
    )
