"""How good scores are before anybody knows what happens: from their probabilities alone."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from flows.churn.model.metrics import expected_auc

if TYPE_CHECKING:
    from flows.churn.model.metrics import Labels, Vector

ROUNDS = 200
NORMAL_95 = 1.96
# The estimate is as uncertain as the model's fit is, which tells of an AUC no worse than the AUC
# that is measured on as many users as taught it: the variance of chance, once more, where these
# were as many as are scored now.
_WITH_THE_FIT = sqrt(2)


@dataclass(frozen=True)
class Auc:
    """A ROC AUC with its 95 % interval."""

    roc_auc: float
    low: float
    high: float


def estimated_auc(probability: "Vector", seed: int, rounds: int = ROUNDS) -> Auc | None:
    """Estimate the ROC AUC that users of these probabilities will have; shape (users,).

    Confidence-based performance estimation (CBPE; NannyML, "How it works: Performance Estimation";
    Kivimäki, Białek, Nurminen and Kuberski, "Confidence-based Estimators for Predictive Performance
    in Model Monitoring", 2024): that of `expected_auc`. The band holds 95 % of the AUCs of outcomes
    drawn from the probabilities, which is what chance explains, widened for what the model's fit is
    off by. Both hold while the probabilities are calibrated; of a change that left the features as
    they were it knows nothing. None where no pair can be.
    """
    from scipy.stats import rankdata

    mean = expected_auc(probability)
    if mean is None:
        return None
    ranks = rankdata(probability)  # of equal ones, their mean
    random = np.random.default_rng(seed)
    drawn = [
        auc
        for _ in range(rounds)
        if (auc := _auc(ranks, random.random(len(ranks)) < probability)) is not None
    ]
    if not drawn:
        return None
    low, high = np.percentile(drawn, [2.5, 97.5])
    below, above = (_WITH_THE_FIT * max(each, 0.0) for each in (mean - low, high - mean))
    return Auc(mean, max(mean - float(below), 0.0), min(mean + float(above), 1.0))


def measured_auc(churned: "Labels", probability: "Vector") -> Auc | None:
    """Measure the ROC AUC; arrays have shape (users,); None where one class is missing.

    Its interval is that of Hanley and McNeil, "The Meaning and Use of the Area under a Receiver
    Operating Characteristic (ROC) Curve" (1982).
    """
    from scipy.stats import rankdata

    found = _auc(rankdata(probability), churned == 1)
    if found is None:
        return None
    margin = auc_margin(found, int(churned.sum()), int(len(churned) - churned.sum()))
    return Auc(found, max(found - margin, 0.0), min(found + margin, 1.0))


def auc_margin(auc: float, churned: int, stayed: int) -> float:
    """Return half the width of a ROC AUC's 95 % interval, by Hanley and McNeil (1982)."""
    two_churned, two_stayed = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc)
        + (churned - 1) * (two_churned - auc**2)
        + (stayed - 1) * (two_stayed - auc**2)
    ) / (churned * stayed)
    return NORMAL_95 * sqrt(max(variance, 0.0))


def _auc(ranks: "Vector", churned: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float | None:
    """Mann and Whitney's U of the users who churned, as a share of the pairs."""
    ours = int(churned.sum())
    others = len(ranks) - ours
    if not ours or not others:
        return None
    return float((ranks[churned].sum() - ours * (ours + 1) / 2) / (ours * others))
