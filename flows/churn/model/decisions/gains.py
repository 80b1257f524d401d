"""What contacting users by their probability finds: by tenth, at the capacity, at the threshold."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from flows.churn.model.decisions.threshold import contacts, reached
from flows.churn.model.metrics import how_many
from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    from flows.churn.model.metrics import Labels, Vector

_TENTHS = 10


@dataclass(frozen=True)
class Contacted:
    """Users with the highest probabilities, and those of them who churned.

    Where some speak for several, both are of the users for whom they speak.

    `precision`: the latter as a share of the contacted; `recall`: as a share of all who churned.
    `lift`: how many times as many churned as among as many users at random.
    """

    users: int
    churned: int
    precision: float
    recall: float
    lift: float


@dataclass(frozen=True)
class Gains:
    """Users, ranked: each tenth of them, most likely to churn first, by itself and so far.

    `flagged`: at the threshold or above; `capacity`: as many as a campaign can contact. What
    divides by users who are not there is 0.
    """

    users: int
    churned: int
    tenths: list[Contacted]
    so_far: list[Contacted]
    flagged: Contacted
    capacity: Contacted


@dataclass(frozen=True)
class Decision:
    """How users are chosen: the rule, the threshold that it gave, and what both find.

    `among`: the threshold was chosen among active users, or all where too few were active. `active`
    is None for a holdout without active users.
    """

    rule: str
    threshold: float
    among: Literal["active", "all"]
    everybody: Gains
    active: Gains | None

    @property
    def warning(self) -> str | None:
        """Say that nobody who is active is flagged, where that is so."""
        if self.active is None or self.active.flagged.users:
            return None
        return (
            f"At its threshold of {self.threshold:.2f} it flags none of the {self.active.users:,} "
            "active users, who are those whom a campaign could keep."
        )


def decision(
    churn: ChurnSettings,
    threshold: float,
    among: Literal["active", "all"],
    churned: "Labels",
    probability: "Vector",
    active: npt.NDArray[np.bool_],
    weight: "Vector | None" = None,
) -> Decision:
    """Measure a threshold on users it was not chosen on; arrays have shape (users,)."""
    number = contacts(churn, how_many(active, weight))
    return Decision(
        rule=churn.threshold_by,
        threshold=threshold,
        among=among,
        everybody=gains(churned, probability, threshold, number, weight),
        active=gains(
            churned[active],
            probability[active],
            threshold,
            number,
            None if weight is None else weight[active],
        )
        if active.any()
        else None,
    )


def gains(
    churned: "Labels",
    probability: "Vector",
    threshold: float,
    number: int,
    weight: "Vector | None" = None,
) -> Gains:
    """Count what is found by tenth, among the first `number`, and from the threshold on.

    All arrays have shape (users,). Where a cut goes through users of equal probability, those
    before it are as many of each kind as chance would choose: no order of the rows is better.
    `weight` is for how many users each one speaks, if not for one.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = _Ranked.of(
        probability[order],
        churned[order],
        np.ones(len(order)) if weight is None else weight[order],
    )
    ends = [len(part) for part in np.array_split(order, _TENTHS) if len(part)]
    bounds = np.cumsum([0, *ends]).tolist()
    if weight is not None:
        everybody = float(weight.sum())
        shares = [everybody * place / _TENTHS for place in range(1, _TENTHS + 1)]
        bounds = [0, *(reached(ranked.weight, share) for share in shares)]
    whole = ranked.contacted(0, len(order))
    return Gains(
        users=whole.users,
        churned=whole.churned,
        tenths=[ranked.contacted(first, last) for first, last in pairwise(bounds)],
        so_far=[ranked.contacted(0, last) for last in bounds[1:]],
        flagged=ranked.contacted(0, int((probability >= threshold).sum())),
        capacity=ranked.contacted(0, reached(ranked.weight, number)),
    )


def evened(ordered: "Vector", amount: "Vector | Labels") -> "Vector":
    """Return each user's amount as the mean of those of equal probability; shapes (users,)."""
    if not len(ordered):
        return np.zeros(0)
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    counts = np.diff(np.r_[starts, len(ordered)])
    return np.repeat(np.add.reduceat(amount, starts) / counts, counts)


@dataclass(frozen=True)
class _Ranked:
    """Users, most likely to churn first; both arrays have shape (users,)."""

    churned: "Vector"
    weight: "Vector"

    @classmethod
    def of(cls, ordered: "Vector", churned: "Labels", weight: "Vector") -> "_Ranked":
        """Return them with the mean of those of equal probability, which `ordered` are."""
        shares = evened(ordered, weight)
        return cls(evened(ordered, weight * churned) / shares, shares)

    def contacted(self, first: int, last: int) -> Contacted:
        users = float(self.weight[first:last].sum())
        churned = float((self.weight * self.churned)[first:last].sum())
        everybody = float((self.weight * self.churned).sum())
        precision = churned / users if users else 0.0
        rate = everybody / float(self.weight.sum()) if len(self.weight) else 0.0
        return Contacted(
            users=round(users),
            churned=round(churned),
            precision=precision,
            recall=churned / everybody if everybody else 0.0,
            lift=precision / rate if rate else 0.0,
        )
