"""How good scores were among users whom no campaign contacted: what became of others is its doing.

Whoever was held out by chance speaks for those of that campaign who were contacted.
"""

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from flows.churn.model.decisions.gains import gains
from flows.churn.model.metrics import amount_below, calibration_error, expected_auc
from flows.churn.outcomes.estimate import NORMAL_95, Auc

if TYPE_CHECKING:
    from flows.churn.model.metrics import Labels, Vector
    from flows.churn.outcomes.scored_days import Reached, Scored


def not_contacted(scored: "Scored", reached: "Reached", number: int) -> dict[str, Any]:
    """Return the measures of an outcome, for users some of whom were contacted.

    A user counts once; one of a campaign's control counts as 1 / its share of the campaign, so that
    together they stand for all (Horvitz and Thompson, 1952). Where contacted users have no control
    they are missing, which makes the others look more alike: `expected_roc_auc` is then what the
    probabilities alone say of those who are left, to be compared with.
    """
    weight, spoken_for = _weights(reached)
    left = ~reached.contacted
    weight, churned, probability = weight[left], scored.churned[left], scored.probability[left]
    counts = {
        "users": len(probability),
        "churned": int(churned.sum()),
        "expected_churned": float(probability.sum()),
    }
    if not len(probability):
        return counts
    auc = weighted_auc(churned, probability, weight)
    capacity = gains(churned, probability, 1.0, number, weight).capacity
    return {
        **counts,
        **(
            {"roc_auc": auc.roc_auc, "roc_auc_low": auc.low, "roc_auc_high": auc.high}
            if auc
            else {}
        ),
        "expected_roc_auc": None if spoken_for else expected_auc(probability),
        "calibration_error": calibration_error(churned, probability, weight) if auc else None,
        "contacts": capacity.users,
        "precision_at_capacity": capacity.precision,
        "lift_at_capacity": capacity.lift,
    }


def weighted_auc(churned: "Labels", probability: "Vector", weight: "Vector") -> Auc | None:
    """Measure the ROC AUC of users who count so many times; arrays of shape (users,).

    Its interval is that of DeLong, DeLong and Clarke-Pearson (1988), each user's part weighted.
    None where one class is missing.
    """
    ours, others = weight * churned, weight * (1 - churned)
    if not ours.sum() or not others.sum():
        return None
    beats = amount_below(probability, others) / others.sum()
    beaten = 1 - amount_below(probability, ours) / ours.sum()
    found = float((ours * beats).sum() / ours.sum())
    parts = ours / ours.sum() * (beats - found) + others / others.sum() * (beaten - found)
    margin = NORMAL_95 * sqrt(float((parts**2).sum()))
    return Auc(found, max(found - margin, 0.0), min(found + margin, 1.0))


def _weights(reached: "Reached") -> tuple["Vector", bool]:
    """Return how many users each stands for, and whether somebody does for all who are missing."""
    weight, spoken_for = np.ones(len(reached.contacted)), True
    for campaign in set(reached.campaign[reached.contacted].tolist()):
        of_it = reached.campaign == campaign
        contacted, held_out = reached.contacted & of_it, reached.held_out & of_it
        if held_out.any():
            weight[held_out] = 1 + contacted.sum() / held_out.sum()
        else:
            spoken_for = False
    return weight, spoken_for
