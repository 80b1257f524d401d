"""The threshold from which a user counts as churning, by the rule that the settings name."""

import logging
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    from flows.churn.model.metrics import Labels, Vector

logger = logging.getLogger(__name__)

ACTIVE = "payments_last_90d"
"""The feature that is more than 0 for active users: those whom a campaign can still keep."""

NOBODY = 1.0

_ROUNDING = 1e-6


@dataclass(frozen=True)
class Choice:
    """A threshold (0 to 1), and among whom it was chosen: "all" where too few are active."""

    threshold: float
    among: Literal["active", "all"]


def choose_threshold(
    churn: ChurnSettings,
    churned: "Labels",
    probability: "Vector",
    active: npt.NDArray[np.bool_],
    weight: "Vector | None" = None,
) -> Choice:
    """Choose the threshold among users who are active, by `threshold_by`.

    All arrays have shape (users,): what happened, the probability, who is active, and for how many
    users each one speaks, if not for one. Where no active user churned, or all of them did, it is
    chosen among all users, with a warning.
    """
    if weight is None:
        weight = np.ones(len(churned))
    rule = {"capacity": _by_capacity, "cost": _by_cost, "f1": _by_f1}[churn.threshold_by]
    if len(set(churned[active])) > 1:
        return Choice(rule(churn, churned[active], probability[active], weight[active]), "active")
    logger.warning(
        "Too few users paid in the last 90 days to choose the threshold among them: it is chosen "
        "among all."
    )
    return Choice(rule(churn, churned, probability, weight), "all")


def contacts(churn: ChurnSettings, users: int) -> int:
    """Return how many of so many active users a campaign can contact: at least one."""
    # As people write it: of floats, .07 of 100 is a little more than 7.
    return max(1, ceil(Decimal(str(churn.capacity_share)) * users))


def reached(weight: "Vector", number: float) -> int:
    """Return how many users, in their order, speak for so many: all of them if they do not."""
    return min(int(np.searchsorted(np.cumsum(weight), number - _ROUNDING)) + 1, len(weight))


def _by_capacity(
    churn: ChurnSettings, churned: "Labels", probability: "Vector", weight: "Vector"
) -> float:
    order = np.argsort(-probability, kind="stable")
    number = contacts(churn, round(float(weight.sum())))
    return float(probability[order][reached(weight[order], number) - 1])


def _by_cost(
    churn: ChurnSettings, churned: "Labels", probability: "Vector", weight: "Vector"
) -> float:
    """The threshold with the largest gain; NOBODY when every one loses.

    A contact costs, and keeps the value of a user who would have churned in so many of the cases.
    Elkan, "The Foundations of Cost-Sensitive Learning" (2001), on users instead of expectations.
    """
    order = np.argsort(-probability, kind="stable")
    kept = churn.contact_success * churn.kept_value * churned[order]
    return _best(probability[order], np.cumsum(weight[order] * (kept - churn.contact_cost)))


def _by_f1(
    churn: ChurnSettings, churned: "Labels", probability: "Vector", weight: "Vector"
) -> float:
    """The threshold with the largest harmonic mean of precision and recall."""
    order = np.argsort(-probability, kind="stable")
    found = np.cumsum((weight * churned)[order])
    flagged = np.cumsum(weight[order])
    return _best(probability[order], 2 * found / (flagged + (weight * churned).sum()))


def _best(descending: "Vector", worth: "Vector") -> float:
    """Return the probability down to which flagging is worth most; NOBODY where none is worth it.

    Users of equal probability go together: what some of them alone are worth counts for nothing.
    """
    last_of_equals = np.r_[descending[1:] != descending[:-1], True]
    best = int(np.argmax(np.where(last_of_equals, worth, -np.inf)))
    return float(descending[best]) if worth[best] > 0 else NOBODY
