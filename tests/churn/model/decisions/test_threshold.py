"""The threshold is chosen among users who are active, by the rule that the settings name."""

import numpy as np
import pytest

from flows.churn.model.decisions.threshold import Choice, choose_threshold, contacts
from flows.churn.model.metrics import Labels, Vector
from flows.settings.churn import ChurnSettings

# Five who are gone, as most users of a shop are, then ten who still buy.
PROBABILITY = np.array([0.99, 0.98, 0.97, 0.96, 0.95, *np.linspace(0.5, 0.05, 10)])
CHURNED = np.array([1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0])
ACTIVE = np.arange(15) >= 5


def chosen(churned: Labels = CHURNED, probability: Vector = PROBABILITY, **churn: object) -> float:
    found = choose_threshold(ChurnSettings.model_validate(churn), churned, probability, ACTIVE)
    assert found.among == "active"
    return found.threshold


@pytest.mark.parametrize(("share", "threshold"), [(0.1, 0.5), (0.3, 0.4), (0.25, 0.4), (1, 0.05)])
def test_as_many_active_users_are_flagged_as_can_be_contacted(
    share: float, threshold: float
) -> None:
    found = chosen(threshold_by="capacity", capacity_share=share)
    assert found == pytest.approx(threshold)


def test_a_share_of_users_is_no_user_more_than_people_count() -> None:
    assert contacts(ChurnSettings(capacity_share=0.07), 100) == 7
    assert contacts(ChurnSettings(capacity_share=0.07), 101) == 8
    assert contacts(ChurnSettings(capacity_share=0.07), 0) == 1


def test_contacts_that_keep_much_are_worth_many_false_alarms() -> None:
    rule = {"threshold_by": "cost", "contact_cost": 1, "contact_success": 0.5}
    # The first alone gains 3 - 1; the third another 3 - 2.
    assert chosen(**rule, kept_value=6) == pytest.approx(0.4)
    assert chosen(**rule, kept_value=3) == pytest.approx(0.5)


def test_where_every_contact_loses_nobody_is_flagged() -> None:
    assert chosen(threshold_by="cost", contact_cost=5, contact_success=0.1, kept_value=6) == 1.0


def test_a_gain_of_some_of_equal_users_flags_nobody() -> None:
    """Ten of .5, of whom the first churned: 3 kept, less 10 of cost. That one alone would gain."""
    churned = np.array([1] * 6 + [0] * 9)
    assert (
        chosen(
            churned,
            np.where(ACTIVE, 0.5, PROBABILITY),
            threshold_by="cost",
            contact_cost=1,
            contact_success=0.5,
            kept_value=6,
        )
        == 1.0
    )


def test_f1_of_precision_and_recall() -> None:
    # Of the first: 2/3. Of the first three: precision 2/3, recall 1, F1 0.8.
    assert chosen(threshold_by="f1") == pytest.approx(0.4)


@pytest.mark.parametrize("rule", ["cost", "f1"])
def test_users_of_equal_probability_are_flagged_together(rule: str) -> None:
    equal = np.where(ACTIVE, 0.5, PROBABILITY)
    assert chosen(probability=equal, threshold_by=rule, kept_value=100) == 0.5


def test_without_active_users_of_both_kinds_all_choose(caplog: pytest.LogCaptureFixture) -> None:
    nobody = np.zeros(15, dtype=bool)
    found = choose_threshold(ChurnSettings(), CHURNED, PROBABILITY, nobody)
    assert found == Choice(0.98, "all")
    assert "it is chosen among all" in caplog.text
