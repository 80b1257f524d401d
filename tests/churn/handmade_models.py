"""Churn models made by hand, in a real MLflow, and runs as `train_spark_model` leaves them."""

import shutil
import sqlite3
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.feature_engineering import features
from flows.churn.folders import churn_run_folder
from flows.churn.model import registered_model
from flows.churn.model.logged.mlflow_log import model_signature
from flows.churn.model.logged.registry import register_version
from flows.churn.model.metrics import quality
from flows.churn.model.model_document import write_document
from flows.churn.model.registered_model import LinearModel, Term
from flows.churn.model.training_result import Training
from flows.churn.model.training_users import TRAINING_USERS, describe_users
from flows.churn.production.in_mlflow import MODEL
from flows.churn.promotion.accept import accept
from flows.churn.promotion.decide_promotion import decide_promotion
from flows.churn.promotion.evaluate_candidate import Evaluation, evaluate_candidate
from flows.churn.promotion.promote_model import Promotion, promote_model
from flows.churn.run import ChurnRun
from flows.platform.storage.atomic_files import write_json
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.client import mlflow_client
from flows.platform.warehouse.connection import connect, transaction
from flows.settings import Settings

AS_OF = date(2026, 6, 30)
HOLDOUT, OTHERS = 400, 100
_DATABASE, _LEDGER = "mlflow.db", "ledger"
# Ids are the database's own.
_PROMOTIONS = (
    "dqm.bt_churn_promotions (action, version, former_version, run_id, decided_by, reasons,"
    " decided_at, model_sha256, applied_at)"
)

VISITS = Term("mau_mp_1", skewed=True, mean=2.2, deviation=0.7, coefficient=-1.5)
SILENCE = Term("login_recency_days", skewed=False, mean=15, deviation=9, coefficient=0.1)
AGE = Term("age", skewed=False, mean=49, deviation=18, coefficient=0.05)
PAYMENTS = tuple(
    Term(name, skewed=True, mean=1, deviation=1, coefficient=-0.5)
    for name in ("payments_last_7d", "payments_last_30d")
)
# A feature that this project computed once, and no longer does.
FORGOTTEN = Term("visits_to_help", skewed=True, mean=1, deviation=1, coefficient=3, when_missing=-3)
# One that depends on how many days of payments its features read.
FIRST_PAYMENT = Term("first_payment_days", skewed=True, mean=4, deviation=1, coefficient=-1)

# Each is better than the one before, up to the one that knows all that decides. The old one is of
# before what is usual was kept with a model; `payments` knows what decides nothing.
MODELS = {
    "fair": LinearModel((VISITS,), intercept=3.3, threshold=0.5),
    "good": LinearModel((VISITS, SILENCE), intercept=1.8, threshold=0.5),
    "best": LinearModel((VISITS, SILENCE, AGE), intercept=-0.65, threshold=0.5),
    "payers": LinearModel((VISITS, FIRST_PAYMENT), intercept=7.3, threshold=0.5),
    "old": LinearModel((VISITS, FORGOTTEN), intercept=3.3, threshold=0.5),
    "payments": LinearModel(PAYMENTS, intercept=1.0, threshold=0.5),
}


@dataclass(frozen=True)
class Logged:
    """A model in MLflow, not registered yet."""

    mlflow_run_id: str
    model_uri: str
    model_sha256: str


@cache
def _template(session: Path) -> tuple[Path, dict[str, Logged]]:
    """MLflow's files with the models logged: made once a session, because it takes seconds."""
    home = session / "handmade_models"
    client = mlflow_client(Settings(home=home))
    artifacts = mlflow_home(Settings(home=home)) / "artifacts"
    experiment = client.create_experiment("by hand", artifacts.as_uri())
    return mlflow_home(Settings(home=home)), {
        name: _log(experiment, home / "coefficients.json", model) for name, model in MODELS.items()
    }


def _log(experiment: str, file: Path, model: LinearModel) -> Logged:
    model_sha256 = write_document(file, model)
    artifacts = {"coefficients": str(file)}
    if set(model.feature_names) <= set(FEATURE_NAMES):
        described = file.with_name(TRAINING_USERS)
        write_json(described, asdict(describe_users(users(), model)))
        artifacts["training_users"] = str(described)
    with mlflow.start_run(experiment_id=experiment) as run, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no example
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=registered_model.__file__,
            artifacts=artifacts,
            signature=model_signature(model.feature_names),
            pip_requirements=["mlflow"],
        )
    return Logged(run.info.run_id, logged.model_uri, model_sha256)


class Registry:
    """A test's own MLflow with the models logged, and runs that made them.

    None is registered, or those of `promoted` are: each was Production after the one before, and
    the last one is. The `candidate` is the version after them, judged and not promoted. Both are
    made once a session, and copied with the ledger, but not their runs.
    """

    def __init__(
        self,
        settings: Settings,
        factory: pytest.TempPathFactory,
        promoted: Sequence[str] = (),
        candidate: str | None = None,
    ) -> None:
        session = factory.getbasetemp()
        template, self.logged = _template(session)
        before = session / f"promoted {' '.join(promoted)}, {candidate}"
        is_known = before.exists()
        mlflow_home(settings).mkdir(parents=True)
        shutil.copy((before if is_known else template) / _DATABASE, mlflow_home(settings))
        self.settings = settings
        self.client: MlflowClient = mlflow_client(settings)
        if not promoted:
            return
        if is_known:
            self._fill_ledger((before / _LEDGER).read_bytes())
            return
        for model in promoted:
            self.promoted(model)
        if candidate:
            self.evaluated(candidate)
        before.mkdir()
        shutil.copy(mlflow_home(settings) / _DATABASE, before)
        (before / _LEDGER).write_bytes(self._ledger())

    def trained(self, model: str) -> ChurnRun:
        """A run with features and a trained model, to be evaluated."""
        run = ChurnRun(as_of=AS_OF, source=Path("data/churn"), label_days=30)
        table = users()
        folder = features(self.settings, run)
        folder.mkdir(parents=True)
        table.to_parquet(folder / "part-00000.parquet")
        holdout = table[table["in_holdout"]]
        churned, linear = holdout["churned"].to_numpy(), MODELS[model]
        training = Training(
            **asdict(self.logged[model]),
            regularization=0.001,
            threshold=linear.threshold,
            holdout=quality(churned, linear.probabilities(holdout)),
            recent=None,
            out_of_time_roc_auc=None,
        )
        summary = churn_run_folder(self.settings, run.run_id) / "training.json"
        write_json(summary, asdict(training))
        return run

    def evaluated(self, model: str) -> tuple[ChurnRun, Evaluation]:
        """A run whose model was compared with Production, and judged."""
        run = self.trained(model)
        evaluation = evaluate_candidate(self.settings, run)
        decide_promotion(self.settings, run)
        return run, evaluation

    def promoted(self, model: str) -> Promotion:
        """What promoting the model came to."""
        run, _ = self.evaluated(model)
        return promote_model(self.settings, run)

    def production(self, model: str, lookback_days: int | None = None) -> str:
        """Make the model Production, as somebody does who asks for no guardrail; its version.

        It is as if it had been trained with so many days of payments.
        """
        logged = self.logged[model]
        version = register_version(self.client, logged.model_uri, logged.mlflow_run_id, model)
        accept(self.settings, version, why="by hand")
        if lookback_days:
            self.client.log_param(logged.mlflow_run_id, "lookback_days", lookback_days)
        return version

    @contextmanager
    def without(self, table: str) -> Iterator[None]:
        """MLflow while one of its tables is away: it answers some questions with an error."""
        with closing(sqlite3.connect(mlflow_home(self.settings) / _DATABASE)) as database:
            database.execute(f"ALTER TABLE {table} RENAME TO away")
            yield
            database.execute(f"ALTER TABLE away RENAME TO {table}")

    def stages(self) -> dict[str, str]:
        """The stage of each registered version."""
        versions = self.client.search_model_versions(f"name = '{MODEL}'")
        return {str(found.version): found.current_stage for found in versions}

    def _ledger(self) -> bytes:
        with (
            connect(self.settings, "test") as connection,
            connection.cursor().copy(f"COPY {_PROMOTIONS} TO STDOUT") as copy,
        ):
            return b"".join(map(bytes, copy))

    def _fill_ledger(self, lines: bytes) -> None:
        with (
            transaction(self.settings, "test") as connection,
            connection.cursor().copy(f"COPY {_PROMOTIONS} FROM STDIN") as copy,
        ):
            copy.write(lines)


@cache
def users() -> pd.DataFrame:
    """Labelled features of made-up users; what decides is known to the model `best` alone."""
    random = np.random.default_rng(11)
    count = HOLDOUT + OTHERS
    table = pd.DataFrame({"user_id": range(1, count + 1), **dict.fromkeys(FEATURE_NAMES, np.nan)})
    for name, low, high in (("mau_mp_1", 0, 31), ("login_recency_days", 0, 31), ("age", 18, 80)):
        table[name] = random.integers(low, high, count).astype(float)
    payments = np.random.default_rng(12)
    table["payments_last_30d"] = payments.poisson(3, count).astype(float)
    table["payments_last_7d"] = (
        payments.binomial(table["payments_last_30d"].astype(int), 0.25) * 1.0
    )
    table["churned"] = (MODELS["best"].probabilities(table) > random.random(count)).astype(int)
    table["weight"] = 1.0
    table["in_holdout"] = np.arange(count) < HOLDOUT
    table["in_validation"] = np.arange(count) >= HOLDOUT + OTHERS // 2
    return table


def with_churn(settings: Settings, **churn: Any) -> Settings:
    """The settings with other churn settings."""
    return settings.model_copy(update={"churn": settings.churn.model_copy(update=churn)})
