"""BG/NBD is fitted to when users paid, and calibration to what happened."""

import numpy as np
import pandas as pd
import pytest

from flows.churn.model.challengers.calibration import calibrate
from flows.churn.model.challengers.fit_purchases import fit_purchases, log_likelihood


def customers(users: int = 6000) -> pd.DataFrame:
    """Users who pay and leave as the model says, by r 0.8, alpha 20, a 0.9 and b 2.5."""
    random = np.random.default_rng(2)
    age = random.integers(60, 300, users).astype(float)
    rate, leaves = random.gamma(0.8, 1 / 20, users), random.beta(0.9, 2.5, users)
    x, last, alive, clock = np.zeros(users), np.zeros(users), np.ones(users, bool), np.zeros(users)
    while alive.any():
        clock = clock + random.exponential(1 / rate)
        alive &= clock <= age
        x[alive] += 1
        last[alive] = clock[alive]
        alive &= random.random(users) > leaves
    return pd.DataFrame(
        {
            "payment_days": x + 1,
            "payment_recency_days": age - last,
            "first_payment_days": age,
            "churned": 1,
        }
    )


def test_the_parameters_of_made_up_customers_are_found() -> None:
    found = fit_purchases(customers(), 30)
    assert [found.r, found.alpha] == pytest.approx([0.8, 20], rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(0.9 / 3.4, abs=0.03)
    assert found.days == 30


def test_the_likelihood_is_that_of_the_paper() -> None:
    # By equation (5): the mean over rates and probabilities of leaving, drawn.
    random = np.random.default_rng(4)
    rate, leaves = random.gamma(0.5, 1 / 4.0, 10**6), random.beta(1.5, 2.0, 10**6)
    x, last, age = 2, 10.0, 15.0
    alive = (1 - leaves) ** x * rate**x * np.exp(-rate * age)
    gone = leaves * (1 - leaves) ** (x - 1) * rate**x * np.exp(-rate * last)
    expected = np.log((alive + gone).mean())
    (found,) = log_likelihood(np.array([0.5, 4.0, 1.5, 2.0]), np.array([[x, last, age]]))
    assert found == pytest.approx(expected, abs=0.01)


def test_who_never_paid_churns_as_often_as_was_seen() -> None:
    some = customers(200)
    never = pd.DataFrame(
        {"payment_days": 0.0, "payment_recency_days": 300.0, "first_payment_days": 0.0}
        | {"churned": [1] * 7 + [0]}
    )
    fitted = fit_purchases(pd.concat([some, never]), 30)
    assert fitted.probabilities(never.head(1))[0] == pytest.approx(8 / 10)
    assert fit_purchases(some, 30).probabilities(never.head(1))[0] == pytest.approx(1 / 2)


def test_users_who_speak_for_several_are_fitted_as_so_many_users() -> None:
    some = pd.concat([customers(400), customers(40).assign(payment_days=0.0, churned=[0, 1] * 20)])
    several = np.where(some["payment_recency_days"] < 30, 4, 1) + some["churned"].to_numpy()
    weighed = fit_purchases(some, 30, several.astype(float))
    repeated = fit_purchases(some.iloc[np.repeat(np.arange(len(some)), several)], 30)
    for name in ("r", "alpha", "a", "b", "never"):
        assert getattr(weighed, name) == pytest.approx(getattr(repeated, name), rel=1e-3)
    assert fit_purchases(some, 30).r != pytest.approx(weighed.r, rel=0.05)


def test_a_delivery_in_which_nobody_paid_stops_nothing() -> None:
    nobody = pd.DataFrame(
        {"payment_days": [0.0] * 3, "payment_recency_days": 120.0, "first_payment_days": 0.0}
        | {"churned": [1, 1, 0]}
    )
    assert fit_purchases(nobody, 30).probabilities(nobody)[0] == pytest.approx(3 / 5)


def test_calibration_undoes_what_was_done_to_the_odds() -> None:
    random = np.random.default_rng(9)
    truth = random.normal(0, 1.5, 40_000)
    churned = (random.random(40_000) < 1 / (1 + np.exp(-truth))).astype(int)
    slope, intercept = calibrate((truth - 1) / 2, churned)
    assert [slope, intercept] == pytest.approx([2, 1], abs=0.1)


def test_odds_that_tell_everybody_apart_have_a_finite_slope() -> None:
    churned = np.array([0] * 20 + [1] * 20)
    slope, _ = calibrate(churned - 0.5, churned)
    assert 1 < slope < 20
