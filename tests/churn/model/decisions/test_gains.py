"""What a decision finds, counted by hand, and what a model says that flags nobody active."""

import numpy as np
import pytest

from flows.churn.model.decisions.gains import Contacted, decision, gains
from flows.churn.model.decisions.words import decision_section, gain_rows
from flows.churn.model.metrics import confusion
from flows.settings.churn import ChurnSettings

PROBABILITY = np.linspace(0.99, 0.0, 20)
CHURNED = np.array([1, 1, 1, 0, 1, *[0] * 14, 1])


def test_twenty_users_by_hand() -> None:
    found = gains(CHURNED, PROBABILITY, threshold=0.9, number=5)
    assert (found.users, found.churned) == (20, 5)
    assert found.tenths[0] == Contacted(2, 2, precision=1, recall=0.4, lift=4)
    assert found.tenths[1] == Contacted(2, 1, precision=0.5, recall=0.2, lift=2)
    assert [tenth.churned for tenth in found.tenths] == [2, 1, 1, 0, 0, 0, 0, 0, 0, 1]
    assert found.so_far[1] == Contacted(4, 3, precision=0.75, recall=0.6, lift=3)
    assert found.so_far[-1] == Contacted(20, 5, precision=0.25, recall=1, lift=1)
    assert found.flagged == found.tenths[0]
    assert found.capacity == Contacted(5, 4, precision=0.8, recall=0.8, lift=pytest.approx(3.2))


def test_a_cut_through_equal_users_finds_what_chance_would() -> None:
    """Twenty of one probability: however their rows are ordered, no tenth is better."""
    equal = np.full(20, 0.3)
    found = gains(CHURNED, equal, threshold=0.3, number=4)
    assert found == gains(CHURNED[::-1], equal, threshold=0.3, number=4)
    assert [tenth.lift for tenth in found.tenths] == [1.0] * 10
    assert found.capacity == Contacted(4, 1, precision=0.25, recall=0.2, lift=1)
    assert (found.flagged.users, found.flagged.churned) == (20, 5)


def test_a_capacity_beyond_the_users_contacts_all() -> None:
    assert gains(CHURNED, PROBABILITY, threshold=1, number=100).capacity.users == 20


def test_users_who_all_stay_are_found_nothing_among() -> None:
    found = gains(np.zeros(3, dtype=np.int64), PROBABILITY[:3], threshold=0.5, number=1)
    assert found.capacity == Contacted(1, 0, precision=0, recall=0, lift=0)
    assert len(found.tenths) == 3


def test_a_model_that_flags_nobody_active_says_so() -> None:
    active = PROBABILITY < 0.9
    found = decision(ChurnSettings(), 0.9, "active", CHURNED, PROBABILITY, active)
    assert found.everybody.flagged.users == 2
    assert found.warning == (
        "At its threshold of 0.90 it flags none of the 18 active users, who are those whom a "
        "campaign could keep."
    )
    card = "\n".join(decision_section(found, confusion(CHURNED, PROBABILITY, 0.9)))
    assert f"**{found.warning}**" in card
    # Of nobody there is no precision: 0 % would say that all of them stayed.
    assert "| active, at the threshold | 0 | 0 | - | 0.0% | - |" in card
    # As many are contacted of all as of those who are active: a tenth of the latter.
    assert "| all, at the capacity | 2 | 2 | 100.0% | 40.0% | 4.00 |" in card
    assert "| active, at the capacity | 2 | 1 | 50.0% | 33.3% | 3.00 |" in card
    assert "| 1 | 4.00 | 40.0% | 3.00 | 33.3% |" in card


def test_a_model_that_flags_somebody_active_has_nothing_to_warn_of() -> None:
    found = decision(ChurnSettings(), 0.5, "active", CHURNED, PROBABILITY, PROBABILITY < 0.9)
    assert found.warning is None
    assert [row["users"] for row in gain_rows(found)] == ["all"] * 10 + ["active"] * 10


def test_nobody_active_has_no_gains() -> None:
    found = decision(ChurnSettings(), 0.5, "all", CHURNED, PROBABILITY, PROBABILITY > 1)
    assert found.active is None
    assert found.warning is None
    assert "active" not in "\n".join(
        decision_section(found, confusion(CHURNED, PROBABILITY, 0.5))[5:]
    )
