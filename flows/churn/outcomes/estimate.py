"""How good scores are before anybody knows what happens: from their probabilities alone."""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from flows.churn.model.metrics import Labels, Vector

ROUNDS = 200
_NORMAL_95 = 1.96


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
    in Model Monitoring", 2024): a user of probability p counts as p churned and 1 - p stayed. So a
    pair is the right way round by p_i (1 - p_j) where p_i > p_j, and by half of it where they are
    equal; no user is paired with itself. The band holds 95 % of the AUCs of outcomes drawn from the
    probabilities: what chance alone explains, while the probabilities are calibrated. It knows
    nothing of a change that left the features as they were. None where no pair can be.
    """
    from scipy.stats import rankdata

    ranks = rankdata(probability)  # of equal ones, their mean
    churned, stayed = probability.sum(), (1 - probability).sum()
    itself = (probability * (1 - probability)).sum()
    pairs = churned * stayed - itself
    if pairs <= 0:
        return None
    # A user is half of an equal to itself.
    mean = float(((probability * _stayed_below(probability)).sum() - itself / 2) / pairs)
    random = np.random.default_rng(seed)
    drawn = [
        auc
        for _ in range(rounds)
        if (auc := _auc(ranks, random.random(len(ranks)) < probability)) is not None
    ]
    if not drawn:
        return None
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Auc(mean, min(float(low), mean), max(float(high), mean))


def measured_auc(churned: "Labels", probability: "Vector") -> Auc | None:
    """Measure the ROC AUC; arrays have shape (users,); None where one class is missing.

    Its interval is that of Hanley and McNeil, "The Meaning and Use of the Area under a Receiver
    Operating Characteristic (ROC) Curve" (1982).
    """
    from scipy.stats import rankdata

    found = _auc(rankdata(probability), churned == 1)
    if found is None:
        return None
    ours, others = int(churned.sum()), int(len(churned) - churned.sum())
    two_churned, two_stayed = found / (2 - found), 2 * found**2 / (1 + found)
    variance = (
        found * (1 - found)
        + (ours - 1) * (two_churned - found**2)
        + (others - 1) * (two_stayed - found**2)
    ) / (ours * others)
    margin = _NORMAL_95 * sqrt(max(variance, 0.0))
    return Auc(found, max(found - margin, 0.0), min(found + margin, 1.0))


def _auc(ranks: "Vector", churned: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float | None:
    """Mann and Whitney's U of the users who churned, as a share of the pairs."""
    ours = int(churned.sum())
    others = len(ranks) - ours
    if not ours or not others:
        return None
    return float((ranks[churned].sum() - ours * (ours + 1) / 2) / (ours * others))


def _stayed_below(probability: "Vector") -> "Vector":
    """For each user, how many are expected to stay of those below, and half of the equals."""
    order = np.argsort(probability, kind="stable")
    ordered = probability[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    stayed = np.add.reduceat(1 - ordered, starts)
    below = np.cumsum(stayed) - stayed / 2
    counts = np.diff(np.r_[starts, len(ordered)])
    found = np.empty_like(probability)
    found[order] = np.repeat(below, counts)
    return found
