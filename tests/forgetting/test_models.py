"""A person in MLflow: rows of SHAP, the input example, a training's typical user."""

import json
import warnings
from dataclasses import asdict
from pathlib import Path

import mlflow
import numpy as np
import pyarrow.parquet as pq
import pytest

from flows.churn.folders import churn_run_folder
from flows.churn.model import registered_model
from flows.churn.model.linear_document import write_document
from flows.churn.model.mlflow_log import model_signature
from flows.churn.model.registry import experiment_id
from flows.churn.model.training_users import TRAINING_USERS, describe_users
from flows.churn.production.document import DOCUMENT
from flows.forgetting.models import forget_in_models
from flows.forgetting.trace import Trace, by_place
from flows.platform.forgetting.people import People
from flows.platform.storage.atomic_files import write_json
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
from tests.churn.handmade_models import MODELS, users

MODEL = MODELS["best"]
CHANGED = "kpi.changed_by_forgetting"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings without a database."""
    return Settings(home=tmp_path / "kpi")


@pytest.fixture
def trained(settings: Settings, tmp_path: Path) -> str:
    """The MLflow run of a training, with the files that a training leaves, and its features."""
    client = mlflow_client(settings)
    table = users()
    holdout, others = table[table["in_holdout"]], table[~table["in_holdout"]]
    features = churn_run_folder(settings, "first") / "features" / "part-00000.parquet"
    features.parent.mkdir(parents=True)
    table.to_parquet(features)
    shap = tmp_path / "shap_values.parquet"
    MODEL.contributions(holdout).assign(user_id=holdout["user_id"]).to_parquet(shap)
    write_document(tmp_path / DOCUMENT, MODEL)
    write_json(tmp_path / TRAINING_USERS, asdict(describe_users(others, MODEL)))
    with (
        mlflow.start_run(experiment_id=experiment_id(settings, client)) as run,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        mlflow.set_tag("kpi.run_id", "first")
        mlflow.log_artifact(str(shap))
        mlflow.pyfunc.log_model(
            name="model",
            python_model=registered_model.__file__,
            artifacts={
                "coefficients": str(tmp_path / "coefficients.json"),
                "training_users": str(tmp_path / TRAINING_USERS),
            },
            signature=model_signature(MODEL.feature_names),
            input_example=holdout[MODEL.feature_names].head(3),
            pip_requirements=["mlflow"],
        )
    return str(run.info.run_id)


def typical_user() -> int:
    """The user whose values the training keeps as typical."""
    others = users()[~users()["in_holdout"]]
    names = MODEL.feature_names
    typical = [each.typical for each in describe_users(others, MODEL).features.values()]
    same = np.isclose(others[names].to_numpy(), np.array(typical, dtype=float)).all(axis=1)
    (user,) = others["user_id"][same]
    return int(user)


def kept(settings: Settings, name: str) -> Path:
    (path,) = (mlflow_home(settings) / "artifacts").rglob(name)
    return path


def forget(settings: Settings, user: int, *, dry_run: bool = False) -> list[Trace]:
    return by_place(forget_in_models(settings, People(str(user)), dry_run=dry_run))


def is_tagged(settings: Settings, run_id: str) -> bool:
    return CHANGED in mlflow_client(settings).get_run(run_id).data.tags


def test_whoever_was_an_example_is_none(settings: Settings, trained: str) -> None:
    promised = forget(settings, 2, dry_run=True)
    assert not is_tagged(settings, trained)

    assert forget(settings, 2) == promised
    assert promised == [
        Trace("MLflow: input examples", 6, "deleted"),
        Trace("MLflow: rows of SHAP", 1, "deleted"),
    ]
    assert 2 not in pq.read_table(kept(settings, "shap_values.parquet"))["user_id"].to_pylist()
    assert json.loads(kept(settings, "input_example.json").read_text())["data"] == []
    serving = json.loads(kept(settings, "serving_input_example.json").read_text())
    assert serving["dataframe_split"]["data"] == []
    assert is_tagged(settings, trained)
    # Killed after the examples, before the table that tells whose they are: nothing is lost.
    assert forget(settings, 2) == []


def test_another_users_example_stays(settings: Settings, trained: str) -> None:
    assert forget(settings, 10) == [Trace("MLflow: rows of SHAP", 1, "deleted")]
    assert len(json.loads(kept(settings, "input_example.json").read_text())["data"]) == 3


def test_the_typical_user_is_nobody_any_more(settings: Settings, trained: str) -> None:
    assert forget(settings, typical_user()) == [Trace("MLflow: typical users", 1, "made nameless")]

    described = json.loads(kept(settings, TRAINING_USERS).read_text())["features"]
    assert {each["typical"] for each in described.values()} == {None}
    assert all(each["low"] <= each["high"] for each in described.values())
    assert is_tagged(settings, trained)


def test_the_model_says_the_same(settings: Settings, trained: str) -> None:
    before = MODEL.probabilities(users())

    forget(settings, 2)

    (path,) = {path.parent for path in (mlflow_home(settings) / "artifacts").rglob("MLmodel")}
    loaded = mlflow.pyfunc.load_model(str(path))
    after = loaded.predict(users()[MODEL.feature_names])[registered_model.PROBABILITY]
    assert np.array_equal(before, after.to_numpy())


def test_where_mlflow_was_never_used_it_is_not_begun(settings: Settings) -> None:
    assert forget(settings, 1) == []
    assert not mlflow_home(settings).exists()
