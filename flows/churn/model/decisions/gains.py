"""What contacting users by their probability finds: by tenth, at the capacity, at the threshold."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from flows.churn.model.decisions.threshold import contacts
from flows.churn.model.metrics import found_by, how_many, tenths
from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    from flows.churn.model.metrics import Labels, Vector


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

    All arrays have shape (users,). Users of equal probability who are cut are parted as `found_by`
    says. `weight` is for how many users each one speaks, if not for one.
    """
    once = np.ones(len(churned)) if weight is None else weight
    bounds = tenths(len(churned), weight)
    flagged, capacity = float(once[probability >= threshold].sum()), min(number, bounds[-1])
    contacted = np.array([*bounds, flagged, capacity])
    found = found_by(probability, once, once * churned, contacted)
    everybody = _Counted(float(bounds[-1]), float((once * churned).sum()))
    up_to = [
        everybody.contacted(users, happened)
        for users, happened in zip(contacted.tolist(), found.tolist(), strict=True)
    ]
    # Rounding may leave a tenth of nothing a little less than that.
    of_tenths = np.diff(found[: len(bounds)]).clip(min=0).tolist()
    by_tenth = zip(np.diff(bounds).tolist(), of_tenths, strict=True)
    return Gains(
        users=round(everybody.users),
        churned=round(everybody.churned),
        tenths=[everybody.contacted(users, happened) for users, happened in by_tenth],
        so_far=up_to[1:-2],
        flagged=up_to[-2],
        capacity=up_to[-1],
    )


@dataclass(frozen=True)
class _Counted:
    """All of the users, and those of them who churned."""

    users: float
    churned: float

    def contacted(self, users: float, churned: float) -> Contacted:
        precision = churned / users if users else 0.0
        rate = self.churned / self.users if self.users else 0.0
        return Contacted(
            users=round(users),
            churned=round(churned),
            precision=precision,
            recall=churned / self.churned if self.churned else 0.0,
            lift=precision / rate if rate else 0.0,
        )
