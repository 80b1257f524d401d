"""The interval of what a campaign changed."""

import numpy as np
import pytest

from flows.churn.campaigns.uplift import difference


def test_the_interval_is_newcombes() -> None:
    # Newcombe 1998, table II, example (a): 56/70 and 48/80.
    found = difference(70, 56, 80, 48)
    assert found
    assert (found.mean, found.low, found.high) == (
        pytest.approx(0.2),
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )


def test_the_interval_covers_a_simulated_uplift_in_90_of_100_campaigns() -> None:
    """Of those who would churn, a fifth is kept by a contact."""
    random = np.random.default_rng(7)
    covered = 0
    for _ in range(100):
        probability = random.beta(4, 2, 600)
        contacted = random.random(600) < 0.7
        churned = random.random(600) < probability * np.where(contacted, 0.8, 1)
        truth = -0.2 * probability[contacted].mean() + (
            probability[contacted].mean() - probability[~contacted].mean()
        )
        found = difference(
            int(contacted.sum()),
            int(churned[contacted].sum()),
            int((~contacted).sum()),
            int(churned[~contacted].sum()),
        )
        assert found
        covered += found.low <= truth <= found.high
    assert covered >= 90


def test_without_both_groups_there_is_no_difference() -> None:
    assert difference(0, 0, 5, 1) is None
    assert difference(5, 1, 0, 0) is None
