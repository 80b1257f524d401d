"""One fit on the same users and features, by Spark as we use it and by scikit-learn."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.churn.place import Place
from flows.churn.features.definitions import FEATURE_NAMES, FEATURES
from flows.churn.features.feature_engineering import features
from flows.churn.features.labelled_users import read_users

REGULARIZATION = 0.0
_SEED = 2026


def with_spark(place: Place) -> dict[str, float]:
    """Fit once with Spark as training does, and score with the registered model's NumPy model."""
    from flows.churn.features.engines import churn_spark
    from flows.churn.model.spark_fit import fit, prepare
    from flows.platform.compute.spark import spark_address, stop_spark

    settings = place.settings()
    begun = time.perf_counter()
    spark = churn_spark(settings)
    spark.sql("SELECT 1").collect()
    started = time.perf_counter()
    folder = features(settings, place.run())
    weights_below = settings.churn.class_weights_below
    addresses = [spark_address(folder)]
    prepared = prepare(spark, addresses, "NOT in_holdout", FEATURE_NAMES, weights_below)
    _, linear = fit(prepared, REGULARIZATION)
    fitted = time.perf_counter()
    holdout = read_users(folder, holdout=True)
    answer = _quality(holdout["churned"], linear.probabilities(holdout))
    stop_spark()
    return {"start": started - begun, "fit": fitted - started, **answer}


def with_logistic_regression(place: Place) -> dict[str, float]:
    """Fit scikit-learn's logistic regression on the same inputs as Spark's."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    model = make_pipeline(
        FunctionTransformer(_seen),
        SimpleImputer(add_indicator=True),
        StandardScaler(),
        LogisticRegression(C=np.inf, max_iter=1000),
    )
    return _fit(place, model)


def with_gradient_boosting(place: Place) -> dict[str, float]:
    """Fit scikit-learn's gradient boosting, which uses the features unchanged."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return _fit(place, HistGradientBoostingClassifier(random_state=_SEED))


FITS: dict[str, Callable[[Place], dict[str, float]]] = {
    "our fit with Spark": with_spark,
    "scikit-learn logistic regression": with_logistic_regression,
    "scikit-learn gradient boosting": with_gradient_boosting,
}


def _seen(values: Any) -> Any:
    skewed = [feature.skewed for feature in FEATURES]
    return np.where(skewed, np.sign(values) * np.log1p(np.abs(values)), values)


def _fit(place: Place, model: Any) -> dict[str, float]:
    names = list(FEATURE_NAMES)
    folder = features(place.settings(), place.run())
    begun = time.perf_counter()
    users = read_users(folder, holdout=False)
    model.fit(users[names].to_numpy(), users["churned"])
    fitted = time.perf_counter()
    holdout = read_users(folder, holdout=True)
    churn = model.predict_proba(holdout[names].to_numpy())[:, 1]
    return {"start": 0.0, "fit": fitted - begun, **_quality(holdout["churned"], churn)}


def _quality(churned: Any, probability: Any) -> dict[str, float]:
    from sklearn.metrics import log_loss, roc_auc_score

    return {
        "roc_auc": float(roc_auc_score(churned, probability)),
        "log_loss": float(log_loss(churned, probability)),
        "holdout_users": float(len(churned)),
    }
