"""How good probabilities are, and how sure it is that one model beats another."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
"""Shape (users,): a probability of churn for each user, from 0 to 1."""
Labels = npt.NDArray[np.int64]
"""Shape (users,), in the same order: 1 for who churned, 0 for who stayed."""

_DECILES = 10
_CLIP = 1e-15


@dataclass(frozen=True)
class Quality:
    """Measures of probabilities against what happened; `rows` and `churned` are users in the files.

    `calibration_error` is the mean absolute difference between predicted and observed churn over
    deciles of the users, ordered by probability (expected calibration error with equal bins:
    Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", 2015).
    """

    rows: int
    churned: int
    roc_auc: float
    pr_auc: float
    log_loss: float
    brier: float
    calibration_error: float


@dataclass(frozen=True)
class Confusion:
    """Users by prediction (churn at a probability of `threshold` or more) and by outcome."""

    threshold: float
    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int


@dataclass(frozen=True)
class Gain:
    """The challenger's ROC AUC minus the champion's, with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def quality(churned: Labels, probability: Vector, weight: Vector | None = None) -> Quality:
    """Measure the probabilities of users against what happened.

    All have shape (users,); `weight` is for how many users each one speaks, if not for one. Raises
    ValueError when one class is missing.
    """
    from sklearn import metrics

    clipped = np.clip(probability, _CLIP, 1 - _CLIP)
    return Quality(
        rows=len(churned),
        churned=int(churned.sum()),
        roc_auc=float(metrics.roc_auc_score(churned, probability, sample_weight=weight)),
        pr_auc=float(metrics.average_precision_score(churned, probability, sample_weight=weight)),
        log_loss=float(metrics.log_loss(churned, clipped, labels=[0, 1], sample_weight=weight)),
        brier=float(metrics.brier_score_loss(churned, probability, sample_weight=weight)),
        calibration_error=calibration_error(churned, probability, weight),
    )


def quality_of_some(
    churned: Labels, probability: Vector, weight: Vector | None = None
) -> Quality | None:
    """Measure as `quality` does; None for users, or none at all, of whom a class is missing."""
    return quality(churned, probability, weight) if len(set(churned)) > 1 else None


def expected_auc(probability: Vector, weight: Vector | None = None) -> float | None:
    """Return the ROC AUC that users of these probabilities, shape (users,), are expected to have.

    Each counts as p churned and 1 - p stayed: a pair is the right way round by p_i (1 - p_j) where
    p_i > p_j, and by half of it where they are equal; no user is paired with itself. True while the
    probabilities are calibrated. `weight` is for how many users each one speaks, if not for one.
    None where no pair can be.
    """
    weight = np.ones(len(probability)) if weight is None else weight
    churns, stays = weight * probability, weight * (1 - probability)
    churned, stayed = churns.sum(), stays.sum()
    itself = (churns * stays).sum()
    pairs = churned * stayed - itself
    if pairs <= 0:
        return None
    # A user is half of an equal to itself.
    right = (churns * amount_below(probability, stays)).sum() - itself / 2
    return float(right / pairs)


def amount_below(probability: Vector, amount: Vector) -> Vector:
    """Return, for each user, the amount of those below, and half of that of the equals."""
    order = np.argsort(probability, kind="stable")
    ordered = probability[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    of_equals = np.add.reduceat(amount[order], starts)
    below = np.cumsum(of_equals) - of_equals / 2
    counts = np.diff(np.r_[starts, len(ordered)])
    found = np.empty_like(probability)
    found[order] = np.repeat(below, counts)
    return found


def found_by(probability: Vector, weight: Vector, amount: Vector, bounds: Vector) -> Vector:
    """Return how much of an amount is among the first so many users, for each of the `bounds`.

    The first are those of the highest probability; `weight` is for how many users each one speaks.
    Where a bound cuts users of equal probability, each part has its share of what they have: the
    mean over all orders that they may be in, so that no order of the rows is better. McSherry and
    Najork, "Computing Information Retrieval Performance Measures Efficiently in the Presence of
    Tied Scores" (2008), section 3. Shapes are (users,) and, as the answer's, that of the bounds.
    """
    order = np.argsort(-probability, kind="stable")
    ordered = probability[order]
    last_of_equals = np.r_[ordered[1:] != ordered[:-1], True][: len(ordered)]
    users, amounts = (np.cumsum(each[order])[last_of_equals] for each in (weight, amount))
    return np.interp(bounds, np.r_[0.0, users], np.r_[0.0, amounts])


def tenths(users: int, weight: Vector | None) -> Vector:
    """Return where each tenth of so many users ends, and where the first one begins.

    Tenths of users who all count once have whole ones: fewer than ten users make fewer parts.
    """
    if weight is not None:
        return float(weight.sum()) * np.arange(_DECILES + 1) / _DECILES
    sizes = [len(part) for part in np.array_split(np.arange(users), _DECILES) if len(part)]
    return np.cumsum([0, *sizes]).astype(np.float64)


def deciles(
    churned: Labels, probability: Vector, weight: Vector | None = None
) -> list[tuple[float, float, float]]:
    """Return mean predicted churn, churned share and user count of each decile, lowest first.

    All arrays have shape (users,); fewer than ten users make fewer parts. Users of equal
    probability who are cut are parted as `found_by` says.
    """
    once = np.ones(len(churned)) if weight is None else weight
    bounds = tenths(len(churned), weight)
    users = np.diff(bounds)
    predicted, observed = (
        np.diff(found_by(-probability, once, once * amount, bounds)) / users
        for amount in (probability, churned)
    )
    return list(zip(predicted.tolist(), observed.tolist(), users.tolist(), strict=True))


def calibration_error(churned: Labels, probability: Vector, weight: Vector | None = None) -> float:
    """Return how far the deciles' predicted churn is from the observed, as `Quality` has it."""
    parts = deciles(churned, probability, weight)
    everybody = sum(users for _, _, users in parts)
    return sum(abs(predicted - observed) * users for predicted, observed, users in parts) / (
        everybody
    )


def confusion(
    churned: Labels, probability: Vector, threshold: float, weight: Vector | None = None
) -> Confusion:
    """Count users by prediction at the threshold (0 to 1) and by outcome; shapes (users,)."""
    predicted = probability >= threshold
    happened = churned == 1
    return Confusion(
        threshold=threshold,
        true_positives=how_many(predicted & happened, weight),
        false_negatives=how_many(~predicted & happened, weight),
        false_positives=how_many(predicted & ~happened, weight),
        true_negatives=how_many(~predicted & ~happened, weight),
    )


def how_many(chosen: npt.NDArray[np.bool_], weight: Vector | None) -> int:
    """Return for how many users the chosen ones speak; both have shape (users,)."""
    return int(chosen.sum()) if weight is None else round(float(weight[chosen].sum()))


def gain(
    churned: Labels,
    challenger: Vector,
    champion: Vector,
    rounds: int,
    seed: int,
    weight: Vector | None = None,
) -> Gain:
    """Compare two models on the same users, drawn with replacement `rounds` times.

    All arrays have shape (users,), in the same order. Paired: each draw takes the same users for
    both (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).
    """
    random = np.random.default_rng(seed)
    once = np.ones(len(churned)) if weight is None else weight
    ours, theirs = _Ranked(churned, challenger), _Ranked(churned, champion)
    differences = []
    for _ in range(rounds):
        drawn = once * np.bincount(
            random.integers(0, len(churned), len(churned)), minlength=len(churned)
        )
        difference = ours.auc(drawn) - theirs.auc(drawn)
        if np.isfinite(difference):
            differences.append(difference)
    low, high = np.percentile(differences, [2.5, 97.5]) if differences else (np.nan, np.nan)
    return Gain(mean=float(ours.auc(once) - theirs.auc(once)), low=float(low), high=float(high))


class _Ranked:
    """Users sorted by probability once, so that no draw has to sort."""

    def __init__(self, churned: Labels, probability: Vector) -> None:
        self.order = np.argsort(probability, kind="stable")
        ordered = probability[self.order]
        self.churned = churned[self.order].astype(np.float64)
        self.starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])

    def auc(self, weights: Vector) -> float:
        """Share of pairs (one churned, one not) in which the churned one ranks higher.

        Ties count half: Mann and Whitney (1947), weighted by how often each user was drawn.
        """
        weight = weights[self.order]
        churned = np.add.reduceat(weight * self.churned, self.starts)
        stayed = np.add.reduceat(weight * (1 - self.churned), self.starts)
        below = np.cumsum(stayed) - stayed
        pairs = churned.sum() * stayed.sum()
        return float((churned * (below + stayed / 2)).sum() / pairs) if pairs else float("nan")
