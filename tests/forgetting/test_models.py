"""A person in MLflow: rows of SHAP, the input example, a training's typical user."""

import json
from pathlib import Path

import mlflow
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.churn.model import registered_model
from flows.churn.model.model_document import ServedModel
from flows.churn.model.training_users import TRAINING_USERS
from flows.forgetting.models import forget_in_models
from flows.forgetting.trace import Trace, by_place
from flows.platform.forgetting.people import People
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
from tests.churn.handmade_models import users
from tests.churn.model.challengers.test_logged import PAYERS, TREES
from tests.forgetting.trained import MODEL, SHAP, examples, kept, train, typical_user

CHANGED = "kpi.changed_by_forgetting"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings without a database."""
    return Settings(home=tmp_path / "kpi")


@pytest.fixture
def trained(settings: Settings, tmp_path: Path) -> str:
    """The MLflow run of a training, with the files that a training leaves, and its features."""
    return train(settings, tmp_path / "training", users())


def store(settings: Settings) -> Path:
    """Where MLflow keeps its files."""
    return mlflow_home(settings) / "artifacts"


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
    assert 2 not in pq.read_table(kept(store(settings), SHAP))["user_id"].to_pylist()
    assert examples(store(settings)) == ([], [])
    assert is_tagged(settings, trained)
    # Killed after the examples, before the table that tells whose they are: nothing is lost.
    assert forget(settings, 2) == []


@pytest.mark.parametrize(("kind", "model"), [("gradient-boosted trees", TREES), ("BG/NBD", PAYERS)])
def test_so_it_is_where_a_challenger_won(
    kind: str, model: ServedModel, settings: Settings, tmp_path: Path
) -> None:
    table = users()
    table = table.assign(payment_days=table.index % 7.0, payment_recency_days=table.index % 50.0)
    train(settings, tmp_path / "training", table, kind, model)

    assert forget(settings, 2) == [
        Trace("MLflow: input examples", 6, "deleted"),
        Trace("MLflow: rows of SHAP", 1, "deleted"),
    ]
    assert 2 not in pq.read_table(kept(store(settings), SHAP))["user_id"].to_pylist()
    assert examples(store(settings)) == ([], [])


def test_another_users_example_stays(settings: Settings, trained: str) -> None:
    assert forget(settings, 10) == [Trace("MLflow: rows of SHAP", 1, "deleted")]
    assert [len(rows) for rows in examples(store(settings))] == [3, 3]


def test_the_typical_user_is_nobody_any_more(settings: Settings, trained: str) -> None:
    assert forget(settings, typical_user()) == [Trace("MLflow: typical users", 1, "made nameless")]

    described = json.loads(kept(store(settings), TRAINING_USERS).read_text())["features"]
    assert {each["typical"] for each in described.values()} == {None}
    assert all(each["low"] <= each["high"] for each in described.values())
    assert is_tagged(settings, trained)


def test_the_model_says_the_same(settings: Settings, trained: str) -> None:
    before = MODEL.probabilities(users())

    forget(settings, 2)

    (path,) = {path.parent for path in store(settings).rglob("MLmodel")}
    loaded = mlflow.pyfunc.load_model(str(path))
    after = loaded.predict(users()[MODEL.feature_names])[registered_model.PROBABILITY]
    assert np.array_equal(before, after.to_numpy())


def test_tables_of_a_notebook_lose_the_rows(settings: Settings, tmp_path: Path) -> None:
    client = mlflow_client(settings)
    experiment = client.create_experiment("my own", store(settings).as_uri())
    run = client.create_run(experiment).info.run_id
    client.log_text(run, "user_id,spent\n7,1\n8,2\n", "tables/spent.csv")
    client.log_text(run, "mean,spent\n1.5,8\n", "features.csv")
    pq.write_table(pa.table({"user_id": [7, 8]}), tmp_path / "users.parquet")
    client.log_artifact(run, str(tmp_path / "users.parquet"))
    client.delete_run(run)

    promised = forget(settings, 7, dry_run=True)
    assert promised == [Trace("MLflow: other experiments", 2, "deleted")]
    assert forget(settings, 7) == promised

    assert kept(store(settings), "spent.csv").read_text() == "user_id,spent\n8,2\n"
    assert pq.read_table(kept(store(settings), "users.parquet")).to_pylist() == [{"user_id": 8}]
    assert forget(settings, 7) == []


def test_where_mlflow_was_never_used_it_is_not_begun(settings: Settings) -> None:
    assert forget(settings, 1) == []
    assert not mlflow_home(settings).exists()
