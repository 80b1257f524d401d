"""A campaign that keeps users does not make the model look worse, and hides no model that is."""

from datetime import date

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from flows.churn.model.metrics import Labels, Vector
from flows.churn.outcomes.estimate import measured_auc
from flows.churn.outcomes.judged import judged
from flows.churn.outcomes.not_contacted import weighted_auc
from flows.churn.outcomes.outcome import Among, Outcome, outcomes
from flows.churn.outcomes.scored_days import Reached, Scored, ScoredDay
from flows.settings import Settings
from tests.churn.handmade_models import Registry
from tests.churn.outcomes.test_judged import holdout_of, users

DAY = ScoredDay(date(2026, 5, 31), "1", date(2026, 6, 30))
NUMBER = 20_000


def campaign(churned: Labels, said: Vector, held_out: float) -> Scored:
    """What happened where the top tenth was contacted, but for a share, and half were kept."""
    random = np.random.default_rng(7)
    chosen = said >= np.quantile(said, 0.9)
    control = chosen & (random.random(len(said)) < held_out)
    contacted = chosen & ~control
    kept = contacted & (random.random(len(said)) < 0.5)
    reached = Reached(contacted, control, np.zeros(len(said), dtype=np.int64))
    return Scored(said, np.where(kept, 0, churned), np.ones(len(said), dtype=bool), reached)


def among(settings: Settings, scored: Scored) -> dict[Among, Outcome]:
    return {found.among: found for found in outcomes(settings.churn, DAY, scored, "realized")}


@pytest.fixture
def registry(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Production is a model that was as good on its holdout as it is."""
    registry = Registry(settings, tmp_path_factory, ["good"])
    run_id = registry.client.get_model_version("churn-model", "1").run_id
    assert run_id
    holdout = holdout_of(*users(1, 5_000))
    for users_of in ("holdout", "recent"):
        registry.client.log_metric(run_id, f"{users_of}_roc_auc", holdout.roc_auc)
        registry.client.log_metric(run_id, f"{users_of}_estimated_auc", holdout.estimated or 0)
    return registry


def reasons(settings: Settings, scored: Scored) -> list[str]:
    found = judged(settings, "1", outcomes(settings.churn, DAY, scored, "realized"))
    return [outcome.asks_for_training for outcome in found if outcome.asks_for_training]


def test_those_held_out_speak_for_the_contacted(settings: Settings) -> None:
    churned, said = users(2, NUMBER)
    found = among(settings, campaign(churned, said, held_out=0.2))
    truth = among(settings, Scored(said, churned, np.ones(NUMBER, dtype=bool)))["all"]
    everybody, others = found["all"], found["active, not contacted"]
    assert everybody.roc_auc
    assert truth.roc_auc
    assert everybody.roc_auc < truth.roc_auc - 0.04
    assert everybody.users == NUMBER > others.users
    assert others.roc_auc == pytest.approx(truth.roc_auc, abs=0.01)
    assert others.roc_auc_low
    assert others.roc_auc_high
    assert others.roc_auc_low < truth.roc_auc < others.roc_auc_high
    assert others.lift_at_capacity == pytest.approx(truth.lift_at_capacity, abs=0.1)
    assert others.calibration_error == pytest.approx(truth.calibration_error, abs=0.01)
    assert others.contacts == truth.contacts


@pytest.mark.parametrize("held_out", [0.2, 0.0])
def test_a_campaign_that_works_asks_for_no_training(registry: Registry, held_out: float) -> None:
    """Also where nobody was held out: the others look more alike, as is expected of them."""
    scored = campaign(*users(2, NUMBER), held_out)
    found = among(registry.settings, scored)
    assert found["all"].roc_auc_high
    assert found["all"].roc_auc_high < holdout_of(*users(1, 5_000)).roc_auc - 0.03
    assert reasons(registry.settings, scored) == []


@pytest.mark.parametrize("held_out", [0.2, 0.0])
def test_a_model_that_got_worse_asks_beside_a_campaign(registry: Registry, held_out: float) -> None:
    churned, said = users(2, NUMBER)
    another = np.random.default_rng(3).permutation(churned)
    mixed = np.where(np.arange(NUMBER) % 2 == 0, another, churned)
    why = reasons(registry.settings, campaign(mixed, said, held_out))
    assert len(why) == 2
    assert "on the not contacted users scored on 2026-05-31, below the 0." in why[0]
    assert ("that is expected of them" in why[0]) == (not held_out)


def test_a_contact_of_another_campaign_without_a_control_is_not_spoken_for(
    settings: Settings,
) -> None:
    churned, said = users(2, 1_000)
    scored = campaign(churned, said, held_out=0.3)
    assert scored.reached
    another = scored.reached.campaign.copy()
    another[np.flatnonzero(scored.reached.contacted)[:20]] = 7
    mixed = Reached(scored.reached.contacted, scored.reached.held_out, another)
    found = among(settings, Scored(scored.probability, scored.churned, None, mixed))
    assert found["not contacted"].expected_roc_auc is not None


def test_everybody_contacted_leaves_nothing_to_measure(settings: Settings) -> None:
    churned, said = users(2, 100)
    all_of_them = np.ones(100, dtype=bool)
    reached = Reached(all_of_them, ~all_of_them, np.zeros(100, dtype=np.int64))
    found = among(settings, Scored(said, churned, None, reached))
    assert (found["not contacted"].users, found["not contacted"].roc_auc) == (0, None)


def test_a_weighted_auc_is_that_of_users_who_are_there_so_many_times() -> None:
    random = np.random.default_rng(6)
    said: Vector = random.random(300).round(2)
    churned = (random.random(300) < said).astype(np.int64)
    weight = random.integers(1, 5, 300)
    found = weighted_auc(churned, said, weight.astype(float))
    assert found
    assert found.roc_auc == pytest.approx(roc_auc_score(churned, said, sample_weight=weight))
    once, plain = weighted_auc(churned, said, np.ones(300)), measured_auc(churned, said)
    assert once
    assert plain
    assert (once.low, once.high) == (
        pytest.approx(plain.low, abs=0.01),
        pytest.approx(plain.high, abs=0.01),
    )
    assert weighted_auc(np.ones(3, dtype=np.int64), np.array([0.1, 0.2, 0.3]), np.ones(3)) is None
