"""What is estimated from probabilities alone comes true where the probabilities do."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from flows.churn.model.metrics import Labels, Vector
from flows.churn.outcomes.estimate import estimated_auc, measured_auc


def test_three_users_by_hand() -> None:
    found = estimated_auc(np.array([0.8, 0.5, 0.5]), seed=1)
    assert found
    # Pairs that may be (churned, stayed): .8 with each .5, each .5 with .8, the .5 with each other.
    right = 2 * 0.8 * 0.5 + 2 * 0.5 * 0.5 / 2
    assert found.roc_auc == pytest.approx(right / (right + 2 * 0.5 * 0.2 + 2 * 0.5 * 0.5 / 2))


def test_the_band_covers_what_happens_in_90_of_100_runs() -> None:
    """Users whose law is known: a logistic one, as the model's, rounded so that some are equal."""
    random = np.random.default_rng(3)
    covered = 0
    for run in range(100):
        users = 400 + 20 * run
        probability = (1 / (1 + np.exp(-random.normal(-0.5, 1.5, users)))).round(3)
        happened = (random.random(users) < probability).astype(int)
        found = estimated_auc(probability, seed=run)
        assert found
        assert found.low <= found.roc_auc <= found.high
        covered += found.low <= roc_auc_score(happened, probability) <= found.high
    assert covered >= 90


def happens(random: np.random.Generator, features: npt.NDArray[np.float64]) -> Labels:
    truth = 1 / (1 + np.exp(0.5 - features @ [1, 0.8, -0.6, 0.4, 0.2, 0, 0, 0]))
    return (random.random(len(features)) < truth).astype(np.int64)


def fitted_scores(run: int, taught: int, scored: int) -> tuple[Labels, Vector]:
    """What happens to users, and what a model says that was fitted to others of the same law."""
    random = np.random.default_rng(run)
    teaching, features = random.normal(size=(taught, 8)), random.normal(size=(scored, 8))
    model = LogisticRegression().fit(teaching, happens(random, teaching))
    return happens(random, features), model.predict_proba(features)[:, 1]


def covered(run: int, taught: int, scored: int) -> bool:
    happened, said = fitted_scores(run, taught, scored)
    found = estimated_auc(said, seed=run, rounds=100)
    assert found
    return bool(found.low <= roc_auc_score(happened, said) <= found.high)


def test_the_band_covers_what_happens_where_a_model_had_to_learn_the_law() -> None:
    """From as many users as it scores: what it did not learn well is in the band."""
    assert sum(covered(run, 400 + 20 * run, 400 + 20 * run) for run in range(100)) >= 90


def test_few_who_taught_are_too_little_for_the_band_of_many() -> None:
    """The limit that docs/churn.md names."""
    assert sum(covered(run, 200, 4_000) for run in range(20)) < 12


def test_the_band_tells_of_probabilities_that_are_wrong() -> None:
    random = np.random.default_rng(4)
    probability = random.beta(1, 1, 5_000)
    noise = (random.random(5_000) < 0.5).astype(int)
    found, real = estimated_auc(probability, seed=1), measured_auc(noise, probability)
    assert found
    assert real
    assert real.high < found.low


def test_the_estimate_is_the_mean_of_what_may_happen() -> None:
    random = np.random.default_rng(5)
    probability = random.beta(2, 3, 3_000)
    drawn = [roc_auc_score(random.random(3_000) < probability, probability) for _ in range(50)]
    found = estimated_auc(probability, seed=1)
    assert found
    assert found.roc_auc == pytest.approx(np.mean(drawn), abs=0.004)


@pytest.mark.parametrize("certain", [[], [0.4], [1.0, 1.0], [0.0, 0.0, 0.0]])
def test_where_no_pair_can_be_there_is_no_estimate(certain: list[float]) -> None:
    assert estimated_auc(np.array(certain, dtype=float), seed=1) is None


def test_what_happened_is_measured_as_scikit_learn_does() -> None:
    random = np.random.default_rng(6)
    probability: Vector = random.random(500).round(2)
    churned = (random.random(500) < probability).astype(np.int64)
    found = measured_auc(churned, probability)
    assert found
    assert found.roc_auc == pytest.approx(roc_auc_score(churned, probability))
    # A bootstrap of 2,000 rounds gives about the same interval.
    draws = random.integers(0, 500, (2_000, 500))
    ranks, ones = pd.DataFrame(probability[draws]).rank(axis=1).to_numpy(), churned[draws]
    number = ones.sum(axis=1)
    # Mann and Whitney's, of all draws at once.
    drawn = ((ranks * ones).sum(axis=1) - number * (number + 1) / 2) / (number * (500 - number))
    assert drawn[0] == pytest.approx(roc_auc_score(ones[0], probability[draws[0]]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    assert (found.low, found.high) == (pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01))


def test_users_of_one_kind_have_no_auc() -> None:
    assert measured_auc(np.ones(3, dtype=np.int64), np.array([0.1, 0.2, 0.3])) is None
