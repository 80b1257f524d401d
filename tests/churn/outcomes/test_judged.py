"""What asks for a training is a model that got worse: neither its own boldness nor chance does."""

from datetime import date
from math import log

import numpy as np
import pytest

from flows.churn.model.metrics import Labels, Vector, expected_auc
from flows.churn.outcomes.estimate import auc_margin, measured_auc
from flows.churn.outcomes.judged import judged, why_worse
from flows.churn.outcomes.outcome import Kind, Outcome, outcomes
from flows.churn.outcomes.scored_days import Scored, ScoredDay
from flows.churn.outcomes.version_in_mlflow import Holdout
from flows.settings import Settings
from tests.churn.handmade_models import Registry

DAY = ScoredDay(date(2026, 5, 31), "1", date(2026, 6, 30))
DROP = 0.03


def probability(log_odds: Vector) -> Vector:
    return 1 / (1 + np.exp(-log_odds))


def users(seed: int, number: int, spread: float = 1.6, slope: float = 1.0) -> tuple[Labels, Vector]:
    """What happened to users, and what a model says whose log-odds are `slope` times the truth."""
    random = np.random.default_rng(seed)
    truth = random.normal(log(0.5), spread, number)
    churned = (random.random(number) < probability(truth)).astype(np.int64)
    return churned, probability(slope * truth)


def holdout_of(churned: Labels, said: Vector) -> Holdout:
    measured = measured_auc(churned, said)
    assert measured
    margin = auc_margin(measured.roc_auc, int(churned.sum()), int((1 - churned).sum()))
    return Holdout(measured.roc_auc, margin, expected_auc(said))


def outcome(settings: Settings, kind: Kind, churned: Labels, said: Vector) -> Outcome:
    (found,) = outcomes(settings.churn, DAY, Scored(said, churned, None), kind)
    return found


@pytest.mark.parametrize("kind", ["estimated", "realized"])
def test_a_stable_model_whose_probabilities_are_timid_asks_for_nothing(
    settings: Settings, kind: Kind
) -> None:
    """Its log-odds are .8 of the truth: estimates lie below what is measured, then and now."""
    holdout = holdout_of(*users(1, 5_000, slope=0.8))
    now = outcome(settings, kind, *users(2, 20_000, slope=0.8))
    assert holdout.estimated
    assert holdout.estimated < holdout.roc_auc - DROP
    assert why_worse(now, holdout, DROP) is None


def test_an_estimate_that_fell_asks(settings: Settings) -> None:
    """The features tell users apart less than they did: so do the probabilities."""
    holdout = holdout_of(*users(1, 5_000, slope=0.8))
    now = outcome(settings, "estimated", *users(2, 20_000, spread=1.0, slope=0.8))
    why = why_worse(now, holdout, DROP)
    assert why
    assert why.startswith("Version 1 has an estimated ROC AUC of 0.")
    assert f"below the {holdout.estimated:.3f} estimated on its holdout by more than 0.03" in why


def test_a_measure_that_fell_asks(settings: Settings) -> None:
    """Users do something else than the model was taught; it says of them what it said before."""
    holdout = holdout_of(*users(1, 5_000))
    churned, said = users(2, 20_000)
    another = np.random.default_rng(3).permutation(churned)
    mixed = np.where(np.arange(len(churned)) % 3 == 0, another, churned)
    why = why_worse(outcome(settings, "realized", mixed, said), holdout, DROP)
    assert why
    assert f"below the {holdout.roc_auc:.3f} of its holdout by more than 0.03" in why
    assert why_worse(outcome(settings, "realized", churned, said), holdout, DROP) is None


def test_a_small_holdout_s_luck_asks_for_nothing(settings: Settings) -> None:
    """Of 200 holdouts of 120 users, few are so lucky that an unchanged model seems worse."""
    asked = 0
    now = outcome(settings, "realized", *users(1, 2_000))
    for seed in range(200):
        asked += why_worse(now, holdout_of(*users(100 + seed, 120)), DROP) is not None
    assert asked <= 2


def test_a_version_of_before_estimates_were_kept_is_compared_with_its_measure(
    settings: Settings,
) -> None:
    holdout = Holdout(0.9, 0.01, estimated=None)
    why = why_worse(outcome(settings, "estimated", *users(1, 5_000)), holdout, DROP)
    assert why
    assert "below the 0.900 measured on its holdout (its training kept no estimate)" in why


def test_mlflow_knows_both_of_the_holdout(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(settings, tmp_path_factory, ["good"])
    run_id = registry.client.get_model_version("churn-model", "1").run_id
    assert run_id
    known = {"roc_auc": 0.9, "rows": 5_000, "churned": 2_000, "estimated_auc": 0.7}
    for name, value in known.items():
        registry.client.log_metric(run_id, f"holdout_{name}", value)
    estimated = outcome(settings, "estimated", *users(1, 5_000))
    realized = outcome(settings, "realized", *users(1, 5_000))
    found = judged(settings, "1", [estimated, realized])
    assert [bool(each.asks_for_training) for each in found] == [False, True]
    assert judged(settings, "2", [realized]) == [realized]
