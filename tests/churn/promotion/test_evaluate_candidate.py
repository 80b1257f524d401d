"""The candidate is registered once, and measured on the users that Production is measured on."""

from dataclasses import asdict

import pytest

from flows.churn.folders import churn_run_folder
from flows.churn.model.metrics import gain, quality
from flows.churn.model.registered_model import LinearModel
from flows.churn.production.in_mlflow import MODEL, set_in_mlflow
from flows.churn.production.truth import production_version
from flows.churn.promotion.decide_promotion import decide
from flows.churn.promotion.evaluate_candidate import Evaluation, evaluate_candidate, evaluated
from flows.churn.run import ChurnRun
from flows.errors import BadInput
from flows.platform.storage.atomic_files import read_json
from flows.settings import Settings
from tests.churn.handmade_models import MODELS, Registry, users, with_churn

HOLDOUT = users().query("in_holdout")
CHURNED = HOLDOUT["churned"].to_numpy()


def expected(settings: Settings, challenger: LinearModel, champion: LinearModel) -> Evaluation:
    """What comparing version 2 with Production version 1 must find, on the holdout alone."""
    ours, theirs = challenger.probabilities(HOLDOUT), champion.probabilities(HOLDOUT)
    churn = settings.churn
    return Evaluation(
        version="2",
        challenger=quality(CHURNED, ours),
        champion_version="1",
        champion=quality(CHURNED, theirs),
        gain=gain(CHURNED, ours, theirs, churn.bootstrap_rounds, churn.seed),
    )


def test_the_first_candidate_has_nobody_to_beat(registry: Registry) -> None:
    run = registry.trained("fair")
    found = evaluate_candidate(registry.settings, run)
    challenger = quality(CHURNED, MODELS["fair"].probabilities(HOLDOUT))
    assert found == Evaluation("1", challenger, champion_version=None, champion=None, gain=None)
    assert evaluated(registry.settings, run) == found
    assert production_version(registry.settings) is None


def test_candidate_and_production_are_measured_on_the_same_holdout(with_fair: Registry) -> None:
    run = with_fair.trained("good")
    found = evaluate_candidate(with_fair.settings, run)
    assert found == expected(with_fair.settings, MODELS["good"], MODELS["fair"])
    assert found.gain
    assert found.gain.low > 0
    file = churn_run_folder(with_fair.settings, run.run_id) / "evaluation.json"
    assert read_json(file) == asdict(found)
    assert evaluated(with_fair.settings, run) == found
    assert with_fair.stages() == {"1": "Production", "2": "None"}


def test_a_version_says_what_it_is(registry: Registry) -> None:
    evaluate_candidate(registry.settings, registry.trained("best"))
    described = registry.client.get_model_version(MODEL, "1").description
    assert described == (
        "Trained as of 2026-06-30: logistic regression, ROC AUC 0.843 on the holdout."
    )


def test_rounds_and_seed_are_settings(with_fair: Registry) -> None:
    run = with_fair.trained("good")
    other = with_churn(with_fair.settings, bootstrap_rounds=100, seed=1)
    assert evaluate_candidate(other, run) == expected(other, MODELS["good"], MODELS["fair"])


def test_production_is_compared_without_what_is_left_out(registry: Registry) -> None:
    registry.promoted("best")
    settings = with_churn(registry.settings, sensitive_features="leave_out")
    found = evaluate_candidate(settings, registry.trained("good"))
    average = MODELS["best"].probabilities(HOLDOUT.assign(age=49.0))
    assert found.champion
    assert asdict(found.champion) == pytest.approx(asdict(quality(CHURNED, average)))
    assert found.champion != quality(CHURNED, MODELS["best"].probabilities(HOLDOUT))
    assert found.champion_left_out == ["age"]
    told = decide(settings.churn, found)
    gained = [reason for reason in told.reasons_for + told.reasons_against if "against" in reason]
    assert "Production version 1 without age, which is left out by now, 95 %" in gained[0]


def test_a_production_that_reads_other_features_still_scores(registry: Registry) -> None:
    registry.promoted("old")
    found = evaluate_candidate(registry.settings, registry.trained("good"))
    assert "visits_to_help" not in HOLDOUT
    assert found == expected(registry.settings, MODELS["good"], MODELS["old"])


def test_tried_again_it_registers_nothing_new(with_fair: Registry) -> None:
    run = with_fair.trained("good")
    first = evaluate_candidate(with_fair.settings, run)
    assert evaluate_candidate(with_fair.settings, run) == first
    assert with_fair.stages() == {"1": "Production", "2": "None"}


def test_killed_after_registering_it_completes(
    with_fair: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = with_fair.trained("good")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("flows.churn.promotion.evaluate_candidate.read_users", killed)
        with pytest.raises(KeyboardInterrupt):
            evaluate_candidate(with_fair.settings, run)
    with pytest.raises(BadInput, match=f"Run {run.run_id} has no evaluation"):
        evaluated(with_fair.settings, run)
    found = evaluate_candidate(with_fair.settings, run)
    assert found == expected(with_fair.settings, MODELS["good"], MODELS["fair"])
    assert with_fair.stages() == {"1": "Production", "2": "None"}


def test_tried_again_after_the_promotion_it_keeps_the_comparison(with_fair: Registry) -> None:
    run, compared = with_fair.evaluated("good")
    set_in_mlflow(with_fair.client, compared.version)
    assert evaluate_candidate(with_fair.settings, run) == compared
    assert compared.champion_version == "1"


def test_a_run_without_a_model_is_refused(registry: Registry) -> None:
    run = ChurnRun(
        as_of=registry.trained("fair").as_of, source=registry.settings.home, label_days=30
    )
    with pytest.raises(BadInput, match=r"has no model\. Start the run again"):
        evaluate_candidate(registry.settings, run)
    assert registry.stages() == {}
