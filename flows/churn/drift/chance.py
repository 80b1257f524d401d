"""How far two samples of the same users are apart by chance: no smaller distance is drift."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

_PARTS = 64
_OUTERMOST = 16
_HALVINGS = 40


def chance_of_count(current: int, reference: int, counted: int, chance: float, at: int) -> int:
    """Return how many of `counted` users must be among the `current` ones, not to be chance.

    `counted` users of both samples together share something; `at` is how many of them are current.
    The count lies on the side of what is expected on which `at` does, and is met or exceeded there
    with a probability of at most `chance` / 2 when both samples are of the same users (the
    hypergeometric distribution, as in Fisher's exact test).
    """
    from scipy.stats import hypergeom

    users = current + reference
    if not counted:
        return 1
    if at * users >= counted * current:
        return int(hypergeom.ppf(1 - chance / 2, users, counted, current)) + 1
    return int(hypergeom.ppf(chance / 2, users, counted, current)) - 1


def wasserstein_by_chance(
    gaps: "Vector", places: "Vector", current: int, reference: int, chance: float
) -> float:
    """Return what the Wasserstein distance of two samples of the same users hardly ever reaches.

    `gaps`: the steps between the distinct sorted values of both samples together; `places`: the
    shares of them that lie below each; `chance`: how often the distance may be reached. Times the
    square root of the sample size it tends to the integral of a Brownian bridge's absolute value
    over the values: del Barrio, Giné and Matrán, "Central limit theorems for the Wasserstein
    distance between the empirical and the true distributions" (1999). Mean and variance of that
    are exact here; the gamma distribution that has them gives the quantile.
    """
    from scipy.special import gammaincinv

    first = _first_of_each_part(places)
    widths = np.add.reduceat(gaps, first)
    middles = np.add.reduceat(gaps * places, first) / widths
    spread = np.sqrt(middles * (1 - middles))
    lower, upper = np.minimum.outer(middles, middles), np.maximum.outer(middles, middles)
    alike = np.clip(np.sqrt(lower * (1 - upper) / (upper * (1 - lower))), 0, 1)
    # The mean of the product of two absolute normal variables of that correlation.
    products = (np.sqrt(1 - alike**2) + alike * np.arcsin(alike)) * np.outer(spread, spread)
    mean = np.sqrt(2 / np.pi) * (widths @ spread)
    variance = 2 / np.pi * (widths @ products @ widths) - mean**2
    quantile = gammaincinv(mean**2 / variance, 1 - chance) * variance / mean
    return float(quantile * np.sqrt(1 / current + 1 / reference))


def _first_of_each_part(places: "Vector") -> "npt.NDArray[np.int64]":
    """Return where parts of the sorted values begin: finer and finer outwards."""
    inner = np.arange(1, _PARTS) / _PARTS
    tail = 0.5 ** np.arange(1, _HALVINGS)
    within = np.searchsorted(places, np.concatenate([inner, tail, 1 - tail]))
    outermost = np.arange(min(_OUTERMOST, len(places)))
    first = np.unique(np.concatenate([within, outermost, len(places) - 1 - outermost]))
    return first[first < len(places)]
