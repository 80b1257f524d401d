"""How far a column of the current users is from the reference, and how far it is by chance."""

from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from flows.churn.drift.chance import chance_of_count, wasserstein_by_chance

if TYPE_CHECKING:
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Distance:
    """How far two samples are apart, and how far they are by chance at most."""

    found: float
    by_chance: float


def wasserstein(current: "Vector", reference: "Vector", chance: float) -> Distance:
    """Return the Wasserstein distance in standard deviations of the reference, as Evidently does.

    A reference whose values are all the same has none.
    """
    of_both = np.sort(np.concatenate([current, reference]))
    gaps = np.diff(of_both)
    (before_gap,) = gaps.nonzero()
    gaps, up_to = gaps[before_gap], before_gap + 1
    of_current = np.searchsorted(np.sort(current), of_both[before_gap], "right")
    shares = of_current / len(current) - (up_to - of_current) / len(reference)
    deviation = float(reference.std())
    by_chance = wasserstein_by_chance(
        gaps, up_to / len(of_both), len(current), len(reference), chance
    )
    return Distance(float(np.abs(shares) @ gaps) / deviation, by_chance / deviation)


def jensen_shannon(
    current: "npt.NDArray[np.bool_]", reference: "npt.NDArray[np.bool_]", chance: float
) -> Distance:
    """Return the Jensen-Shannon distance of two samples of answers, as Evidently does."""
    at, beyond, counted = _counts(current, reference, chance)

    def apart(among_current: int) -> float:
        among_reference = counted - among_current
        if not (0 <= among_current <= len(current) and 0 <= among_reference <= len(reference)):
            return 1.0
        return _jensen_shannon(among_current / len(current), among_reference / len(reference))

    return Distance(apart(at), apart(beyond))


def share(
    current: "npt.NDArray[np.bool_]", reference: "npt.NDArray[np.bool_]", chance: float
) -> Distance:
    """Return by how much the share of users of whom something holds differs."""
    at, beyond, counted = _counts(current, reference, chance)

    def apart(among_current: int) -> float:
        return abs(
            among_current / len(current) - (counted - among_current) / len(reference),
        )

    return Distance(apart(at), apart(beyond))


def _counts(
    current: "npt.NDArray[np.bool_]", reference: "npt.NDArray[np.bool_]", chance: float
) -> tuple[int, int, int]:
    at = int(current.sum())
    counted = at + int(reference.sum())
    return at, chance_of_count(len(current), len(reference), counted, chance, at), counted


def _jensen_shannon(current: float, reference: float) -> float:
    middle = (current + reference) / 2
    return sqrt(
        max(_divergence(current, middle) + _divergence(reference, middle), 0.0) / 2,
    )


def _divergence(of: float, against: float) -> float:
    pairs = ((of, against), (1 - of, 1 - against))
    return sum(one * log(one / other) for one, other in pairs if one > 0)
