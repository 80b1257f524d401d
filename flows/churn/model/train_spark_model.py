"""Fit the model with Spark, measure it on users it never saw, log it in MLflow."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from flows.churn.features.definitions import FEATURE_NAMES, FEATURES
from flows.churn.features.engines import churn_spark
from flows.churn.features.feature_engineering import (
    FeatureTable,
    earlier_features,
    feature_table,
    features,
)
from flows.churn.features.label_window import label_window
from flows.churn.features.labelled_users import read_users
from flows.churn.folders import churn_run_folder
from flows.churn.model.challengers.regularization import search
from flows.churn.model.decisions.gains import decision
from flows.churn.model.decisions.threshold import ACTIVE, choose_threshold
from flows.churn.model.decisions.words import gain_rows
from flows.churn.model.metrics import Quality, quality, quality_of_some
from flows.churn.model.training_result import TOO_FEW, Training, trained, training_summary
from flows.churn.model.training_users import TrainingUsers, describe_users
from flows.churn.run import ChurnRun
from flows.errors import BadInput, KpiError, count_of
from flows.platform.compute.spark import spark_address
from flows.platform.pipeline.report import Report
from flows.platform.storage.atomic_files import replacing, write_json
from flows.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.ml import PipelineModel
    from pyspark.sql import SparkSession

    from flows.churn.model.registered_model import LinearModel
    from flows.churn.model.spark_fit import PreparedUsers

logger = logging.getLogger(__name__)

_PAYMENT_FEATURES = tuple(feature.name for feature in FEATURES if feature.source == "payments")
_SAME = 1e-9
_COMPARED_ROWS = 10_000


def train_spark_model(settings: Settings, run: ChurnRun) -> Training:
    """Fit on the users outside the holdout; write `training.json` and log everything in MLflow.

    Raises BadInput when one side of the split lacks a class, KpiError when MLflow cannot keep the
    result, or the NumPy model's probabilities differ from Spark's.
    """
    from flows.churn.model.mlflow_log import log_training, mlflow_run

    table = feature_table(settings, run)
    holdout = read_users(features(settings, run), holdout=True)
    others = read_users(features(settings, run), holdout=False)
    _check_classes(settings, run, holdout, others)
    with mlflow_run(settings, run, table):
        spark = churn_spark(settings, table.users)
        fitted = _fit_best(settings, run, spark, table, others)
        del others  # which takes most of the memory
        linear = fitted.linear
        _check_numpy_model(spark, features(settings, run), fitted.pipeline, linear)
        spark_model = churn_run_folder(settings, run.run_id) / "spark_model"
        with replacing(spark_model) as temporary:
            fitted.pipeline.write().save(spark_address(temporary))

        churned = holdout["churned"].to_numpy()
        probability = linear.probabilities(holdout)
        active = holdout[ACTIVE].to_numpy() > 0
        training = Training(
            mlflow_run_id="",
            model_uri="",
            regularization=fitted.regularization,
            threshold=linear.threshold,
            holdout=quality(churned, probability),
            recent=quality_of_some(churned[active], probability[active]),
            out_of_time_roc_auc=_out_of_time(settings, run, spark, holdout),
            decision=decision(
                settings.churn, linear.threshold, fitted.among, churned, probability, active
            ),
        )
        logged = log_training(
            settings,
            run,
            table,
            training,
            linear,
            fitted.users,
            holdout,
            fitted.losses,
            spark_model,
        )
    training = replace(
        training,
        mlflow_run_id=logged.run_id,
        model_uri=logged.model_uri,
        model_sha256=logged.model_sha256,
    )
    write_json(training_summary(settings, run), asdict(training))
    logger.info(
        "Trained on %s: ROC AUC %.3f on the holdout of %d.",
        count_of(fitted.users.users, "user"),
        training.holdout.roc_auc,
        len(holdout),
    )
    if training.decision and training.decision.warning:
        logger.warning("%s", training.decision.warning)
    return training


@dataclass(frozen=True)
class _Fitted:
    """Spark's pipeline, the same as NumPy coefficients, and how its regularization was chosen.

    `users`: those it was trained on. `losses`: the log-loss on the validation users for each
    regularization that was tried. `among`: the users among whom the threshold was chosen.
    """

    pipeline: "PipelineModel"
    linear: "LinearModel"
    users: TrainingUsers
    regularization: float
    losses: dict[float, float]
    among: Literal["active", "all"]


def _fit_best(
    settings: Settings,
    run: ChurnRun,
    spark: "SparkSession",
    table: FeatureTable,
    others: "pd.DataFrame",
) -> "_Fitted":
    """Choose regularization and threshold on the validation users, then fit on all but holdout."""
    from flows.churn.model.spark_fit import fit

    validation = others[others["in_validation"]]
    names = [name for name in FEATURE_NAMES if name not in table.empty_features]
    with _prepared(settings, spark, features(settings, run), names) as prepared:
        tried: dict[float, LinearModel] = {}
        churned = validation["churned"].to_numpy()

        def loss_of(value: float) -> float:
            tried[value] = fit(prepared, value, "NOT in_validation")[1]
            return quality(churned, tried[value].probabilities(validation)).log_loss

        losses = search(settings.churn.regularizations, loss_of)
        best = min(losses, key=losses.__getitem__)
        chosen = choose_threshold(
            settings.churn,
            churned,
            tried[best].probabilities(validation),
            validation[ACTIVE].to_numpy() > 0,
        )
        pipeline, linear = fit(prepared, best)
    linear = replace(linear, threshold=chosen.threshold)
    return _Fitted(pipeline, linear, describe_users(others, linear), best, losses, chosen.among)


def _out_of_time(
    settings: Settings, run: ChurnRun, spark: "SparkSession", holdout: "pd.DataFrame"
) -> float | None:
    from flows.churn.model.spark_fit import fit

    folder = earlier_features(settings, run)
    if read_users(folder, holdout=False)["churned"].nunique() <= 1:
        return None
    with _prepared(settings, spark, folder, _PAYMENT_FEATURES) as prepared:
        _, linear = fit(prepared, settings.churn.regularizations[0])
    return quality(holdout["churned"].to_numpy(), linear.probabilities(holdout)).roc_auc


@contextmanager
def _prepared(
    settings: Settings, spark: "SparkSession", folder: Path, names: tuple[str, ...] | list[str]
) -> Iterator["PreparedUsers"]:
    from flows.churn.model.spark_fit import prepare

    prepared = prepare(spark, folder, "NOT in_holdout", names, settings.churn.class_weights_below)
    try:
        yield prepared
    finally:
        prepared.rows.unpersist()


def _check_classes(
    settings: Settings, run: ChurnRun, holdout: "pd.DataFrame", others: "pd.DataFrame"
) -> None:
    """Raise BadInput where a part lacks a class, before anything is logged or fitted."""
    choosing = others["in_validation"]
    for part, churned in {
        "holdout": holdout["churned"],
        "validation part": others.loc[choosing, "churned"],
        "training part": others.loc[~choosing, "churned"],
    }.items():
        if churned.nunique() > 1:
            continue
        left = int(churned.sum())
        raise BadInput(
            f"Too few users to train on: of the {count_of(len(churned), 'user')} in the {part}, "
            f"{left:,} churned and {len(churned) - left:,} stayed; it needs some of both. "
            f"{label_window(settings, run, features(settings, run))} Deliver more users, or run as "
            "of a day whose window has more of both."
        )


def _check_numpy_model(
    spark: "SparkSession", folder: Path, pipeline: "PipelineModel", linear: "LinearModel"
) -> None:
    """Compare Spark's probabilities with those of the model to be registered."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql.functions import col

    answered = (
        pipeline.transform(spark.read.parquet(spark_address(folder)).limit(_COMPARED_ROWS))
        .withColumn("spark", vector_to_array(col("probability"))[1])
        .select(*FEATURE_NAMES, "spark")
        .toPandas()
    )
    difference = float(np.abs(linear.probabilities(answered) - answered["spark"]).max())
    if not difference <= _SAME:
        raise KpiError(
            f"The model without Java differs from Spark's by {difference:.1e}; please report this."
        )


def report_training(settings: Settings, run: ChurnRun) -> list[Report]:
    """Table of the candidate's quality on users it was not trained on."""
    training = trained(settings, run)
    later = training.out_of_time_roc_auc
    rows: list[dict[str, object]] = [
        _row("holdout", training.holdout),
        _row("holdout, paid in the last 90 days", training.recent),
        {
            "users": "fitted one label window earlier, scored now",
            "ROC AUC": TOO_FEW if later is None else round(later, 4),
        },
    ]
    reports = [Report("table", "churn-quality", f"Quality of the candidate {run}", rows)]
    if training.decision:
        title = f"Gains of the candidate {run}"
        reports.append(Report("table", "churn-gains", title, gain_rows(training.decision)))
    return reports


def _row(users: str, quality: Quality | None) -> dict[str, object]:
    if quality is None:
        return {"users": users, "ROC AUC": TOO_FEW}
    return {
        "users": users,
        "rows": quality.rows,
        "churned": quality.churned,
        "ROC AUC": round(quality.roc_auc, 4),
        "PR AUC": round(quality.pr_auc, 4),
        "log-loss": round(quality.log_loss, 4),
        "Brier": round(quality.brier, 4),
        "calibration error": round(quality.calibration_error, 4),
    }
