"""Each kind of model that the settings name, fitted, calibrated, and with its threshold."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from flows.churn.features.labelled_users import weights
from flows.churn.model.challengers.calibration import calibrate
from flows.churn.model.challengers.regularization import search
from flows.churn.model.decisions.threshold import ACTIVE, Choice, choose_threshold
from flows.churn.model.kinds.boosted_trees import BoostedTrees
from flows.churn.model.kinds.purchase_process import PurchaseProcess
from flows.churn.model.kinds.tried import Kind
from flows.churn.model.metrics import quality
from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.ml import PipelineModel

    from flows.churn.model.metrics import Vector
    from flows.churn.model.model_document import ServedModel
    from flows.churn.model.registered_model import LinearModel
    from flows.churn.model.spark_fit import PreparedUsers

logger = logging.getLogger(__name__)

_CHOSEN_ON_OTHERS = "NOT in_validation"


@dataclass(frozen=True)
class Candidate:
    """A model that may be registered, and Spark's pipeline where Spark fitted it.

    `among`: the users among whom the threshold was chosen. `losses`: the log-loss on the
    validation users for each `regularization` that was tried.
    """

    kind: Kind
    model: "ServedModel"
    pipeline: "PipelineModel | None"
    among: Literal["active", "all"]
    regularization: float | None = None
    losses: dict[float, float] = field(default_factory=dict)


def fit_candidates(
    churn: ChurnSettings, label_days: int, prepared: "PreparedUsers", users: "pd.DataFrame"
) -> Iterator[Candidate]:
    """Fit the logistic regression, and then each challenger that the settings name.

    `users` are those of today's snapshot outside the holdout. What is chosen is chosen on the
    validation users among them, by models that did not see them; then all of them teach.
    """
    validation = users[users["in_validation"]]
    yield _logistic_regression(churn, prepared, validation)
    for name in churn.challengers:
        if name == "trees":
            yield _trees(churn, prepared, validation)
        else:
            yield _purchases(churn, label_days, users, validation)


def _logistic_regression(
    churn: ChurnSettings, prepared: "PreparedUsers", validation: "pd.DataFrame"
) -> Candidate:
    from flows.churn.model.spark_fit import fit, fit_to_compare

    tried: dict[float, LinearModel] = {}
    churned = validation["churned"].to_numpy()

    def loss_of(value: float) -> float:
        tried[value] = fit_to_compare(prepared, value, without_validation=True)
        probability = tried[value].probabilities(validation)
        return quality(churned, probability, weights(validation)).log_loss

    losses = search(churn.regularizations, loss_of)
    best = min(losses, key=losses.__getitem__)
    chosen = _threshold(churn, validation, tried[best].probabilities(validation))
    pipeline, model = fit(prepared, best)
    model = replace(model, threshold=chosen.threshold)
    return Candidate("logistic regression", model, pipeline, chosen.among, best, losses)


def _trees(
    churn: ChurnSettings, prepared: "PreparedUsers", validation: "pd.DataFrame"
) -> Candidate:
    from flows.churn.model.challengers.fit_trees import MOST_TREES, best_number, fit_trees

    churned = validation["churned"].to_numpy()
    _, most = fit_trees(prepared, MOST_TREES, churn.seed, _CHOSEN_ON_OTHERS)
    number = best_number(most, validation, churned, weights(validation))
    logger.info("%d of %d trees have the least log-loss.", number, MOST_TREES)
    fewer = replace(most, trees=most.trees[:number])
    slope, intercept = calibrate(fewer.sums(validation), churned, weights(validation))
    fewer = _calibrated(fewer, slope, intercept)
    chosen = _threshold(churn, validation, fewer.probabilities(validation))
    pipeline, model = fit_trees(prepared, number, churn.seed)
    model = _calibrated(model, slope, intercept, chosen)
    return Candidate("gradient-boosted trees", model, pipeline, chosen.among)


def _purchases(
    churn: ChurnSettings, label_days: int, users: "pd.DataFrame", validation: "pd.DataFrame"
) -> Candidate:
    from flows.churn.model.challengers.fit_purchases import fit_purchases

    others = users[~users["in_validation"]]
    fitted = fit_purchases(others, label_days, weights(others))
    # Who never paid has odds of their own, which are what was seen.
    paid = validation[validation["payment_days"] > 0]
    slope, intercept = 1.0, 0.0
    if paid["churned"].nunique() > 1:
        churned = paid["churned"].to_numpy()
        slope, intercept = calibrate(fitted.log_odds(paid), churned, weights(paid))
    chosen = _threshold(
        churn, validation, _calibrated(fitted, slope, intercept).probabilities(validation)
    )
    model = fit_purchases(users, label_days, weights(users))
    model = _calibrated(model, slope, intercept, chosen)
    return Candidate("BG/NBD", model, None, chosen.among)


_Calibrated = TypeVar("_Calibrated", BoostedTrees, PurchaseProcess)


def _calibrated(
    model: _Calibrated, slope: float, intercept: float, chosen: Choice | None = None
) -> _Calibrated:
    threshold = chosen.threshold if chosen else model.threshold
    return replace(model, slope=slope, intercept=intercept, threshold=threshold)


def _threshold(churn: ChurnSettings, users: "pd.DataFrame", probability: "Vector") -> Choice:
    active = users[ACTIVE].to_numpy() > 0
    return choose_threshold(churn, users["churned"].to_numpy(), probability, active, weights(users))
