"""Fit the model with Spark, measure it on users it never saw, log it in MLflow."""

import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flows.churn.features.definitions import FEATURE_NAMES, used_features
from flows.churn.features.engines import churn_spark
from flows.churn.features.feature_engineering import (
    earlier_features,
    feature_table,
    features,
)
from flows.churn.features.label_window import label_window
from flows.churn.features.labelled_users import read_users, weights
from flows.churn.folders import churn_run_folder
from flows.churn.model.challengers.candidates import Candidate, fit_candidates
from flows.churn.model.challengers.choice import measure, winner
from flows.churn.model.challengers.for_comparison import (
    on_payments_alone,
    prepared,
    teaching,
    with_sensitive,
)
from flows.churn.model.decisions.by_group import by_group
from flows.churn.model.decisions.gains import decision
from flows.churn.model.decisions.threshold import ACTIVE
from flows.churn.model.decisions.words import gain_rows
from flows.churn.model.kinds.boosted_trees import BoostedTrees
from flows.churn.model.metrics import Quality, expected_auc
from flows.churn.model.training_result import TOO_FEW, Training, trained, training_summary
from flows.churn.model.training_users import describe_users
from flows.churn.run import ChurnRun
from flows.errors import BadInput, KpiError, count_of
from flows.platform.compute.shared import Shared, shared_storage
from flows.platform.pipeline.report import Report
from flows.platform.storage.atomic_files import replacing, write_json
from flows.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.ml import PipelineModel

    from flows.churn.model.model_document import ServedModel

logger = logging.getLogger(__name__)

_SAME = 1e-9
_COMPARED_ROWS = 10_000


def train_spark_model(settings: Settings, run: ChurnRun) -> Training:
    """Fit on the users outside the holdout; write `training.json` and log everything in MLflow.

    Raises BadInput when one side of the split lacks a class, KpiError when MLflow cannot keep the
    result, or the NumPy model's probabilities differ from Spark's.
    """
    from flows.churn.model.logged.mlflow_log import log_training, mlflow_run

    table = feature_table(settings, run)
    holdout = read_users(features(settings, run), holdout=True)
    others = read_users(features(settings, run), holdout=False)
    _check_classes(settings, run, holdout, others)
    with (
        mlflow_run(settings, run, table),
        shared_storage(settings, churn_spark(settings, table.users)) as shared,
    ):
        names = [name for name in used_features(settings.churn) if name not in table.empty_features]
        with prepared(settings, shared, teaching(settings, run), names) as teaching_users:
            candidates = list(
                fit_candidates(settings.churn, run.label_days, teaching_users, others)
            )
        tried = [measure(settings.churn, each.kind, each.model, holdout) for each in candidates]
        best = winner(settings.churn, tried)
        chosen, figures = candidates[best], tried[best]
        model = chosen.model
        users = describe_users(others, model)
        del others  # which takes most of the memory
        spark_model = _kept_by_spark(settings, run, shared, chosen)

        churned, probability = holdout["churned"].to_numpy(), model.probabilities(holdout)
        active, speaks_for = holdout[ACTIVE].to_numpy() > 0, weights(holdout)
        training = Training(
            mlflow_run_id="",
            model_uri="",
            regularization=chosen.regularization,
            threshold=model.threshold,
            holdout=figures.holdout,
            recent=figures.recent,
            payments_alone_roc_auc=on_payments_alone(
                settings, shared, features(settings, run), holdout
            ),
            out_of_time_roc_auc=on_payments_alone(
                settings, shared, earlier_features(settings, run), holdout
            ),
            decision=decision(
                settings.churn,
                model.threshold,
                chosen.among,
                churned,
                probability,
                active,
                speaks_for,
            ),
            estimated_roc_auc=expected_auc(probability, speaks_for),
            recent_estimated_roc_auc=expected_auc(
                probability[active], None if speaks_for is None else speaks_for[active]
            ),
            kind=chosen.kind,
            tried=tried,
            groups=by_group(holdout, churned, probability, model.threshold, speaks_for),
            with_sensitive_roc_auc=with_sensitive(
                settings, run, shared, holdout, candidates[0].regularization
            ),
        )
        logged = log_training(
            settings,
            run,
            table,
            training,
            model,
            users,
            holdout,
            candidates[0].losses,
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
        "Trained on %s: %s, ROC AUC %.3f on the holdout of %d.",
        count_of(users.users, "user"),
        training.kind,
        training.holdout.roc_auc,
        len(holdout),
    )
    if training.decision and training.decision.warning:
        logger.warning("%s", training.decision.warning)
    return training


def _kept_by_spark(
    settings: Settings, run: ChurnRun, shared: Shared, chosen: Candidate
) -> Path | None:
    """Return the folder with Spark's own model, which agrees; None for one that is not Spark's."""
    if chosen.pipeline is None:
        return None
    _check_numpy_model(shared, features(settings, run), chosen.pipeline, chosen.model)
    folder = churn_run_folder(settings, run.run_id) / "spark_model"
    with replacing(folder) as temporary, shared.written(temporary) as address:
        chosen.pipeline.write().save(address)
    return folder


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
    shared: Shared, folder: Path, pipeline: "PipelineModel", model: "ServedModel"
) -> None:
    """Compare Spark's probabilities with those of the model to be registered, uncalibrated."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql.functions import col

    answered = (
        pipeline.transform(shared.spark.read.parquet(shared.address(folder)).limit(_COMPARED_ROWS))
        .withColumn("spark", vector_to_array(col("probability"))[1])
        .select(*FEATURE_NAMES, "spark")
        .toPandas()
    )
    if isinstance(model, BoostedTrees):
        model = replace(model, slope=1.0, intercept=0.0)
    difference = float(np.abs(model.probabilities(answered) - answered["spark"]).max())
    if not difference <= _SAME:
        raise KpiError(
            f"The model without Java differs from Spark's by {difference:.1e}; please report this."
        )


def report_training(settings: Settings, run: ChurnRun) -> list[Report]:
    """Table of the candidate's quality on users it was not trained on."""
    training = trained(settings, run)
    rows: list[dict[str, object]] = [
        *(_row(f"holdout, by {each.kind}", each.holdout) for each in training.others),
        _row("holdout", training.holdout),
        _row("holdout, paid in the last 90 days", training.recent),
        _of_age("had paid, by payments alone", training.payments_alone_roc_auc),
        _of_age("the same, fitted one label window earlier", training.out_of_time_roc_auc),
    ]
    reports = [Report("table", "churn-quality", f"Quality of the candidate {run}", rows)]
    if training.decision:
        title = f"Gains of the candidate {run}"
        reports.append(Report("table", "churn-gains", title, gain_rows(training.decision)))
    return reports


def _of_age(users: str, roc_auc: float | None) -> dict[str, object]:
    return {"users": users, "ROC AUC": TOO_FEW if roc_auc is None else round(roc_auc, 4)}


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
