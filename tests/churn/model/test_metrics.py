"""The measures are scikit-learn's, or what one counts by hand; the gain is a paired bootstrap's."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from sklearn import metrics

from flows.churn.model.metrics import (
    Confusion,
    Gain,
    Labels,
    Quality,
    Vector,
    calibration_error,
    confusion,
    deciles,
    found_by,
    gain,
    quality,
    quality_of_some,
)

Draw = Callable[[], tuple[Labels, Vector]]


def labels(*values: int) -> Labels:
    return np.array(values, dtype=np.int64)


def vector(*values: float) -> Vector:
    return np.array(values, dtype=np.float64)


def happened(probability: Vector, seed: int = 1) -> Labels:
    """Churn that comes to pass as often as the probabilities say."""
    return (np.random.default_rng(seed).random(len(probability)) < probability).astype(np.int64)


def noisy(probability: Vector, noise: float, seed: int) -> Vector:
    """The same probabilities, known less exactly: rounded, so that there are ties."""
    shifted = probability + np.random.default_rng(seed).normal(0, noise, len(probability))
    return np.clip(shifted, 0.01, 0.99).round(2)


@pytest.fixture(scope="module")
def truth() -> Vector:
    return np.random.default_rng(5).beta(2, 3, 600)


def test_four_users_by_hand() -> None:
    found = quality(labels(0, 1, 0, 1), vector(0.1, 0.4, 0.6, 0.8))
    assert found == Quality(
        rows=4,
        churned=2,
        roc_auc=3 / 4,  # of four pairs, one (0.4 below 0.6) is the wrong way round
        pr_auc=pytest.approx(1 / 2 * 1 + 1 / 2 * 2 / 3),
        log_loss=pytest.approx(-np.log(0.9 * 0.4 * 0.4 * 0.8) / 4),
        brier=pytest.approx((0.1**2 + 0.6**2 + 0.6**2 + 0.2**2) / 4),
        calibration_error=pytest.approx((0.1 + 0.6 + 0.6 + 0.2) / 4),
    )


def test_many_users_by_scikit_learn(truth: Vector) -> None:
    churned, said = happened(truth), noisy(truth, 0.1, seed=2)
    found = quality(churned, said)
    assert (found.rows, found.churned) == (600, churned.sum())
    assert found.roc_auc == pytest.approx(metrics.roc_auc_score(churned, said))
    assert found.pr_auc == pytest.approx(metrics.average_precision_score(churned, said))
    assert found.log_loss == pytest.approx(metrics.log_loss(churned, said))
    assert found.brier == pytest.approx(metrics.brier_score_loss(churned, said))


def test_being_sure_and_wrong_costs_much_and_not_everything() -> None:
    found = quality(labels(0, 1), vector(1.0, 1.0))
    assert found.log_loss == pytest.approx(-np.log(1e-15) / 2, rel=0.01)
    assert found.roc_auc == 0.5


def test_probabilities_that_come_true_have_no_calibration_error() -> None:
    probability = np.random.default_rng(3).uniform(0.1, 0.8, 50_000)
    assert quality(happened(probability), probability).calibration_error < 0.01


@pytest.mark.parametrize("shift", [-0.1, 0.05, 0.2])
def test_the_calibration_error_is_how_far_probabilities_are_off(shift: float) -> None:
    probability = np.random.default_rng(3).uniform(0.1, 0.8, 50_000)
    found = quality(happened(probability), probability + shift)
    assert found.calibration_error == pytest.approx(abs(shift), abs=0.01)


def test_deciles_are_of_equal_size_and_ordered_by_probability() -> None:
    probability = np.arange(20) / 20
    found = deciles((probability >= 0.5).astype(np.int64), probability[::-1])
    assert [users for _, _, users in found] == 10 * [2]
    assert [said for said, _, _ in found] == pytest.approx([0.1 * n + 0.025 for n in range(10)])
    assert [seen for _, seen, _ in found] == 5 * [1.0] + 5 * [0.0]


def test_few_users_make_few_deciles() -> None:
    found = deciles(labels(1, 0, 0), vector(0.9, 0.5, 0.2))
    assert found == [
        pytest.approx((0.2, 0.0, 1)),
        pytest.approx((0.5, 0.0, 1)),
        pytest.approx((0.9, 1.0, 1)),
    ]
    assert [users for _, _, users in deciles(np.zeros(13, np.int64), np.ones(13))] == (
        3 * [2] + 7 * [1]
    )


@pytest.mark.parametrize("weighed", [False, True])
def test_users_of_equal_probability_are_as_good_in_any_order(weighed: bool) -> None:
    """Two probabilities for a hundred users: each edge but one of a decile cuts equal ones."""
    random = np.random.default_rng(8)
    probability = np.where(np.arange(100) < 37, 0.2, 0.7)
    churned = (random.random(100) < probability).astype(np.int64)
    weight = random.integers(1, 6, 100).astype(np.float64) if weighed else None
    orders = [
        np.lexsort((churned, probability)),
        np.lexsort((-churned, probability)),
        random.permutation(100),
    ]
    found = [
        deciles(churned[order], probability[order], None if weight is None else weight[order])
        for order in orders
    ]
    assert found[0] == [pytest.approx(decile) for decile in found[1]]
    assert found[0] == [pytest.approx(decile) for decile in found[2]]
    low = probability == 0.2
    once = np.ones(100) if weight is None else weight
    assert found[0][0][1] == pytest.approx(np.average(churned[low], weights=once[low]))
    assert found[0][-1][1] == pytest.approx(np.average(churned[~low], weights=once[~low]))
    errors = [
        calibration_error(
            churned[order], probability[order], None if weight is None else weight[order]
        )
        for order in orders
    ]
    assert errors == [pytest.approx(errors[0])] * 3


def test_a_cut_through_equals_finds_the_mean_over_all_their_orders() -> None:
    probability, churned = vector(0.9, 0.5, 0.5, 0.5, 0.1), labels(1, 1, 0, 0, 1)
    once = np.ones(5)
    orders = [[0, *equals, 4] for equals in permutations((1, 2, 3))]
    found = found_by(probability, once, churned * once, np.arange(6.0))
    for cut in range(6):
        mean = np.mean([churned[order[:cut]].sum() for order in orders])
        assert found[cut] == pytest.approx(mean)


def test_from_the_threshold_on_a_user_counts_as_churning() -> None:
    found = confusion(labels(1, 1, 0, 0, 0), vector(0.5, 0.4, 0.5, 0.2, 0.1), 0.5)
    assert found == Confusion(
        threshold=0.5,
        true_positives=1,
        false_negatives=1,
        false_positives=1,
        true_negatives=2,
    )


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.57, 1.0])
def test_a_confusion_counts_every_user_once(truth: Vector, threshold: float) -> None:
    churned, said = happened(truth), noisy(truth, 0.1, seed=2)
    found = confusion(churned, said, threshold)
    by_scikit_learn = metrics.confusion_matrix(churned, said >= threshold)
    assert by_scikit_learn.tolist() == [
        [found.true_negatives, found.false_positives],
        [found.false_negatives, found.true_positives],
    ]
    assert by_scikit_learn.sum() == len(churned)


def test_a_model_gains_nothing_on_itself(truth: Vector) -> None:
    assert gain(happened(truth), truth, truth, rounds=100, seed=1) == Gain(0, 0, 0)


def test_what_keeps_the_order_gains_nothing(truth: Vector) -> None:
    assert gain(happened(truth), truth**3, truth, rounds=100, seed=1) == Gain(0, 0, 0)


def test_the_interval_of_a_clearly_better_model_excludes_zero(truth: Vector) -> None:
    churned, vague = happened(truth), noisy(truth, 0.4, seed=2)
    better = gain(churned, truth, vague, rounds=500, seed=1)
    worse = gain(churned, vague, truth, rounds=500, seed=1)
    assert 0 < better.low < better.mean < better.high
    assert (worse.mean, worse.low, worse.high) == pytest.approx(
        (-better.mean, -better.high, -better.low)
    )


def test_the_interval_of_as_good_a_model_includes_zero(truth: Vector) -> None:
    found = gain(
        happened(truth), noisy(truth, 0.1, seed=2), noisy(truth, 0.1, seed=3), rounds=500, seed=1
    )
    assert found.low < 0 < found.high


def test_the_seed_decides_the_draws(truth: Vector) -> None:
    churned, vague = happened(truth), noisy(truth, 0.2, seed=2)
    first = gain(churned, truth, vague, rounds=100, seed=7)
    assert gain(churned, truth, vague, rounds=100, seed=7) == first
    other = gain(churned, truth, vague, rounds=100, seed=8)
    assert other != first
    assert other.mean == first.mean


def draws(users: int, rounds: int, seed: int) -> list[Vector]:
    """How often each user is drawn, in each round."""
    random = np.random.default_rng(seed)
    return [
        np.bincount(random.integers(0, users, users), minlength=users).astype(float)
        for _ in range(rounds)
    ]


def test_gain_and_interval_are_those_of_weighted_areas_by_scikit_learn(truth: Vector) -> None:
    churned, ours, theirs = happened(truth), noisy(truth, 0.2, seed=2), noisy(truth, 0.3, seed=3)
    assert len(np.unique(ours)) < 100  # ties abound
    auc = metrics.roc_auc_score
    differences = [
        auc(churned, ours, sample_weight=drawn) - auc(churned, theirs, sample_weight=drawn)
        for drawn in draws(len(churned), rounds=60, seed=4)
    ]
    low, high = np.percentile(differences, [2.5, 97.5])
    found = gain(churned, ours, theirs, rounds=60, seed=4)
    assert found.mean == pytest.approx(auc(churned, ours) - auc(churned, theirs), abs=1e-12)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


def test_drawing_the_same_users_for_both_models_makes_the_interval_narrow(truth: Vector) -> None:
    churned, similar = happened(truth), noisy(truth, 0.05, seed=2)
    paired = gain(churned, truth, similar, rounds=100, seed=1)
    auc = metrics.roc_auc_score
    unpaired = [
        auc(churned, truth, sample_weight=drawn) - auc(churned, similar, sample_weight=other)
        for drawn, other in zip(
            draws(len(churned), rounds=100, seed=1),
            draws(len(churned), rounds=100, seed=2),
            strict=True,
        )
    ]
    low, high = np.percentile(unpaired, [2.5, 97.5])
    assert paired.high - paired.low < (high - low) / 3


def test_draws_without_a_churned_user_say_nothing() -> None:
    churned, said = labels(1, 0, 0, 0), vector(0.9, 0.5, 0.2, 0.1)
    found = gain(churned, said, said[::-1], rounds=100, seed=1)
    assert found == Gain(mean=1.0, low=1.0, high=1.0)


@pytest.mark.parametrize("churned", [(), (1,), (0, 0)])
def test_users_of_whom_a_class_is_missing_are_too_few(churned: tuple[int, ...]) -> None:
    assert quality_of_some(labels(*churned), vector(*(0.5 for _ in churned))) is None
    both, probability = labels(*churned, 0, 1), vector(*(0.5 for _ in churned), 0.2, 0.8)
    assert quality_of_some(both, probability) == quality(both, probability)
