"""A user who was held out speaks for those whom a campaign contacted: they count as several."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from flows.churn.model.challengers.calibration import calibrate
from flows.churn.model.decisions.by_group import by_group
from flows.churn.model.decisions.gains import Gains, decision, gains
from flows.churn.model.decisions.threshold import choose_threshold
from flows.churn.model.metrics import Labels, Vector, confusion, deciles, gain, quality
from flows.settings.churn import ChurnSettings

RANDOM = np.random.default_rng(11)
USERS = 400
PROBABILITY = RANDOM.permutation(np.linspace(0.02, 0.98, USERS))
CHURNED = (RANDOM.random(USERS) < PROBABILITY).astype(np.int64)
ACTIVE = RANDOM.random(USERS) < 0.7
SEVERAL = np.where(CHURNED == 1, 5, RANDOM.integers(1, 3, USERS))
WEIGHT = SEVERAL.astype(np.float64)


def repeated(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """As if each user were there as often as they count."""
    return np.repeat(values, SEVERAL)


@pytest.mark.parametrize("rule", ["capacity", "cost", "f1"])
def test_a_threshold_is_that_of_as_many_users(rule: str) -> None:
    churn = ChurnSettings.model_validate({"threshold_by": rule, "kept_value": 9.7})
    weighed = choose_threshold(churn, CHURNED, PROBABILITY, ACTIVE, WEIGHT)
    users = [repeated(values) for values in (CHURNED, PROBABILITY, ACTIVE)]
    assert weighed == choose_threshold(churn, *users)
    assert weighed != choose_threshold(churn, CHURNED, PROBABILITY, ACTIVE)


def test_measures_are_those_of_as_many_users() -> None:
    weighed = quality(CHURNED, PROBABILITY, WEIGHT)
    several = quality(repeated(CHURNED), repeated(PROBABILITY))
    for name in ("roc_auc", "pr_auc", "log_loss", "brier"):
        assert getattr(weighed, name) == pytest.approx(getattr(several, name))
    assert weighed.calibration_error == pytest.approx(several.calibration_error, abs=0.02)
    # A promotion asks how many users there are to judge by.
    assert (weighed.rows, weighed.churned) == (USERS, CHURNED.sum())
    assert sum(users for _, _, users in deciles(CHURNED, PROBABILITY, WEIGHT)) == WEIGHT.sum()
    assert calibrate(PROBABILITY, CHURNED, WEIGHT) == pytest.approx(
        calibrate(repeated(PROBABILITY), repeated(CHURNED)), rel=0.05
    )
    assert confusion(CHURNED, PROBABILITY, 0.5, WEIGHT) == confusion(
        repeated(CHURNED), repeated(PROBABILITY), 0.5
    )
    vague = np.round(PROBABILITY, 1)
    assert gain(CHURNED, PROBABILITY, vague, 20, 1, WEIGHT).mean == pytest.approx(
        gain(repeated(CHURNED), repeated(PROBABILITY), repeated(vague), 1, 1).mean
    )


def test_gains_and_groups_are_those_of_as_many_users() -> None:
    found = decision(ChurnSettings(), 0.7, "active", CHURNED, PROBABILITY, ACTIVE, WEIGHT)
    several = decision(
        ChurnSettings(), 0.7, "active", *map(repeated, (CHURNED, PROBABILITY, ACTIVE))
    )
    assert found.active
    assert several.active
    for ours, theirs in ((found.everybody, several.everybody), (found.active, several.active)):
        assert (ours.users, ours.churned, ours.flagged) == (
            theirs.users,
            theirs.churned,
            theirs.flagged,
        )
        # A tenth of as many users has whole ones.
        assert _figures(ours) == pytest.approx(_figures(theirs), rel=0.01)
        assert _figures(ours)[:2] == pytest.approx(_figures(theirs)[:2])
    users = pd.DataFrame({"age": 20.0 + 30 * ACTIVE, "gender_is_female": ACTIVE * 1.0})
    weighed = by_group(users, CHURNED, PROBABILITY, 0.7, WEIGHT)
    as_many = by_group(users.loc[repeated(users.index.to_numpy())], *_both(), 0.7)
    for one, other in zip(weighed, as_many, strict=True):
        assert (one.users, one.churned) == (other.users, other.churned)
        assert (one.flagged, one.roc_auc) == pytest.approx((other.flagged, other.roc_auc))


def _both() -> tuple[Labels, Vector]:
    return repeated(CHURNED), repeated(PROBABILITY)


def _figures(found: Gains) -> list[float]:
    return [found.capacity.precision, found.capacity.recall, found.tenths[0].lift]


def test_who_counts_once_changes_nothing() -> None:
    once = np.ones(USERS)
    for rule in ("capacity", "cost", "f1"):
        churn = ChurnSettings.model_validate({"threshold_by": rule, "kept_value": 9.7})
        users = (CHURNED, PROBABILITY, ACTIVE)
        assert choose_threshold(churn, *users, once) == choose_threshold(churn, *users)
    assert gains(CHURNED, PROBABILITY, 0.7, 33, once) == gains(CHURNED, PROBABILITY, 0.7, 33)


def test_equal_users_who_speak_for_several_are_as_good_in_any_order() -> None:
    vague = np.round(PROBABILITY, 1)
    for order in (np.lexsort((CHURNED, vague)), np.lexsort((-CHURNED, vague))):
        ours = gains(CHURNED[order], vague[order], 0.7, 57, WEIGHT[order])
        theirs = gains(repeated(CHURNED), repeated(vague), 0.7, 57)
        assert ours.capacity.users == 57
        assert _figures(ours)[:2] == pytest.approx(_figures(theirs)[:2])


def test_without_the_contacted_the_weighed_rest_speaks_for_all() -> None:
    """A campaign contacts nine in ten of the tenth that is most likely to churn."""
    random = np.random.default_rng(3)
    probability = random.beta(1.2, 2.5, 40_000)
    churned = (random.random(40_000) < probability).astype(np.int64)
    chosen = probability >= np.quantile(probability, 0.9)
    held_out = chosen & (random.random(40_000) < 0.1)
    rest = ~chosen | held_out
    weight = np.where(held_out, chosen.sum() / held_out.sum(), 1.0)[rest]
    everybody = np.ones(rest.sum(), dtype=bool)
    churn = ChurnSettings()

    def flagged(weight: Vector | None) -> float:
        found = choose_threshold(churn, churned[rest], probability[rest], everybody, weight)
        return float((probability >= found.threshold).mean())

    def auc(weight: Vector | None) -> float:
        return quality(churned[rest], probability[rest], weight).roc_auc

    whole = quality(churned, probability).roc_auc
    assert flagged(weight) == pytest.approx(churn.capacity_share, abs=0.005)
    assert flagged(None) > churn.capacity_share + 0.05
    assert auc(weight) == pytest.approx(whole, abs=0.008)
    assert auc(None) < whole - 0.015
