"""What contacts are expected to gain, by hand."""

import pytest

from app.at_risk.worth import Campaign, gain_curve

# Keeps 5 of the 25 that a user is worth, in the mean, and costs 1.
CAMPAIGN = Campaign(contact_cost=1, kept_value=25, success=0.2)


def test_a_contact_is_worth_it_from_the_probability_at_which_it_pays() -> None:
    assert CAMPAIGN.worth_from == pytest.approx(0.2)
    assert CAMPAIGN.gain(users=1, expected=0.2) == pytest.approx(0)
    assert CAMPAIGN.gain(users=100, expected=30) == pytest.approx(50)


@pytest.mark.parametrize(
    "keeps", [{"kept_value": 0, "success": 1}, {"kept_value": 9, "success": 0}]
)
def test_what_keeps_nobody_is_never_worth_it(keeps: dict[str, float]) -> None:
    assert Campaign(contact_cost=1, **keeps).worth_from > 1


@pytest.mark.parametrize(
    ("budget", "cost", "number"),
    [
        (10, 3, 3),
        (10, 0.01, 500),
        (0, 1, 0),
        (0, 0, 500),
        (1e30, 1e-7, 500),
        # To the last cent: floats lose one.
        (4.35, 0.01, 435),
        (0.7, 0.1, 7),
    ],
)
def test_a_budget_pays_for_whole_contacts(budget: float, cost: float, number: int) -> None:
    assert Campaign(cost, 10, 0.5).within(budget, 500) == number


def test_the_curve_adds_up_from_the_most_likely_on() -> None:
    counted = [
        {"percent": 90, "users": 2, "expected": 1.8},
        {"percent": 10, "users": 10, "expected": 1.0},
    ]
    assert gain_curve(CAMPAIGN, counted) == [
        {"contacts": 0, "gain": 0},
        {"contacts": 2, "gain": pytest.approx(7)},
        {"contacts": 12, "gain": pytest.approx(2)},
    ]
