"""A training in MLflow, with the files that a training leaves there, and its features."""

import json
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd

from flows.churn.folders import churn_run_folder
from flows.churn.model.logged.mlflow_log import log_model
from flows.churn.model.logged.registry import experiment_id
from flows.churn.model.model_document import ServedModel, write_document
from flows.churn.model.training_users import TRAINING_USERS, describe_users
from flows.churn.production.document import DOCUMENT
from flows.platform.storage.atomic_files import write_json
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings
from tests.churn.handmade_models import MODELS, users

MODEL = MODELS["best"]
SHAP = "shap_values.parquet"
EXAMPLE, SERVING_EXAMPLE = "input_example.json", "serving_input_example.json"


def train(
    settings: Settings,
    folder: Path,
    table: pd.DataFrame,
    kind: str = "logistic regression",
    model: ServedModel = MODEL,
) -> str:
    """Leave what a training on those users leaves, by way of the folder; return its MLflow run."""
    client = mlflow_client(settings)
    holdout, others = table[table["in_holdout"]], table[~table["in_holdout"]]
    features = churn_run_folder(settings, "first") / "features" / "part-00000.parquet"
    features.parent.mkdir(parents=True)
    table.to_parquet(features)
    folder.mkdir(exist_ok=True)
    model.contributions(holdout).assign(user_id=holdout["user_id"]).to_parquet(folder / SHAP)
    write_document(folder / DOCUMENT, model)
    write_json(folder / TRAINING_USERS, asdict(describe_users(others, model)))
    with (
        mlflow.start_run(experiment_id=experiment_id(settings, client)) as run,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        mlflow.set_tag("kpi.run_id", "first")
        mlflow.log_artifact(str(folder / SHAP))
        log_model(folder, kind, model, holdout)
    return str(run.info.run_id)


def typical_user() -> int:
    """The user whose values the training keeps as typical."""
    others = users()[~users()["in_holdout"]]
    names = MODEL.feature_names
    typical = [each.typical for each in describe_users(others, MODEL).features.values()]
    same = np.isclose(others[names].to_numpy(), np.array(typical, dtype=float)).all(axis=1)
    (user,) = others["user_id"][same]
    return int(user)


def kept(store: Path, name: str) -> Path:
    """The one file of that name in MLflow's store."""
    (path,) = store.rglob(name)
    return path


def examples(store: Path) -> tuple[Any, Any]:
    """Rows of both input examples of the model in MLflow's store."""
    example = json.loads(kept(store, EXAMPLE).read_text())
    serving = json.loads(kept(store, SERVING_EXAMPLE).read_text())
    return example["data"], serving["dataframe_split"]["data"]
