"""A challenger in MLflow: loaded there without this project, and read here as data alone."""

import warnings
from dataclasses import replace
from pathlib import Path

import mlflow
import numpy as np
import pytest

from flows.churn.model.kinds.boosted_trees import BoostedTrees, Input, Leaf, Split
from flows.churn.model.kinds.purchase_process import History, PurchaseProcess
from flows.churn.model.logged.mlflow_log import log_model
from flows.churn.model.logged.registry import experiment_id, production_model, register_version
from flows.churn.model.model_document import ServedModel, model_of, write_document
from flows.churn.model.registered_model import PROBABILITY
from flows.churn.model.training_users import TRAINING_USERS, describe_users
from flows.churn.production.document import DOCUMENT
from flows.churn.promotion.accept import accept
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
from tests.churn.handmade_models import users

TREE = Split(0, 12.5, Leaf(0.8, 40), Split(1, 0.5, Leaf(-0.6, 50), Leaf(0.1, 10)))
VISITS = Input("mau_mp_1", skewed=False, mean=15)
TREES = BoostedTrees((VISITS, replace(VISITS, unknown=True)), (TREE, TREE), 1.1, 0.1, 0.5)
PAYERS = PurchaseProcess(0.5, 10, 0.8, 2.5, 30, 1.5, History(2, 20, 60), 0.9, 0.2, 0.5)


@pytest.mark.parametrize(
    ("kind", "model", "module"),
    [
        ("gradient-boosted trees", TREES, "boosted_trees"),
        ("BG/NBD", PAYERS, "purchase_process"),
    ],
)
def test_a_challenger_scores_the_same_wherever_it_is_loaded(
    kind: str, model: ServedModel, module: str, settings: Settings, tmp_path: Path
) -> None:
    table = users()
    table = table.assign(payment_days=table.index % 7.0, payment_recency_days=table.index % 50.0)
    client = mlflow_client(settings)
    write_document(tmp_path / DOCUMENT, model, 120)
    (tmp_path / TRAINING_USERS).write_text("{}")
    experiment = experiment_id(settings, client)
    with mlflow.start_run(experiment_id=experiment) as run, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # whole numbers cannot hold what is missing
        logged = log_model(tmp_path, kind, model, table)
    version = register_version(client, logged.model_uri, run.info.run_id, kind)
    accept(settings, version, why="a test")

    loaded = mlflow.pyfunc.load_model("models:/churn-model/Production")
    served = loaded.unwrap_python_model().model
    assert type(served).__module__ == module
    expected = model.probabilities(table)
    assert loaded.predict(table[model.feature_names])[PROBABILITY].tolist() == expected.tolist()
    assert len(set(np.round(expected, 6))) > 1
    here = model_of(production_model(settings))
    assert here == model
    assert set(describe_users(table, here).features) == set(model.feature_names)
