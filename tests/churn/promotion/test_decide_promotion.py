"""One reason against a candidate is enough; every reason is told."""

from dataclasses import replace

import pytest

from flows.churn.model.metrics import Gain, Quality
from flows.churn.promotion.decide_promotion import Decision, decide
from flows.churn.promotion.evaluate_candidate import Evaluation
from flows.settings.churn import ChurnSettings

DEFAULTS = ChurnSettings()

# Exactly what the settings ask for, no more.
BARELY = Quality(
    rows=200,
    churned=20,
    roc_auc=0.65,
    pr_auc=0.5,
    log_loss=0.6,
    brier=0.2,
    calibration_error=0.1,
)
HOLDS = [
    "200 holdout users (at least 200)",
    "20 holdout users of the rarer class (at least 20)",
    "ROC AUC 0.6500 (at least 0.65)",
    "calibration error 0.1000 (at most 0.1)",
]


def first(holdout: Quality) -> Evaluation:
    """A candidate where there is no Production."""
    return Evaluation("7", holdout, champion_version=None, champion=None, gain=None)


def against(gain: Gain, holdout: Quality = BARELY) -> Evaluation:
    """A candidate that gains so much on version 3."""
    return Evaluation("7", holdout, champion_version="3", champion=BARELY, gain=gain)


def test_the_first_model_that_holds_the_guardrails_is_promoted() -> None:
    assert decide(DEFAULTS, first(BARELY)) == Decision(
        "7", True, [*HOLDS, "there is no Production yet"], []
    )


@pytest.mark.parametrize(
    ("broken", "place", "reason"),
    [
        ({"rows": 199}, 0, "199 holdout users (at least 200)"),
        ({"churned": 19}, 1, "19 holdout users of the rarer class (at least 20)"),
        ({"churned": 181}, 1, "19 holdout users of the rarer class (at least 20)"),
        ({"roc_auc": 0.6499}, 2, "ROC AUC 0.6499 (at least 0.65)"),
        ({"calibration_error": 0.1001}, 3, "calibration error 0.1001 (at most 0.1)"),
    ],
)
def test_each_guardrail_alone_stops_a_candidate(
    broken: dict[str, float], place: int, reason: str
) -> None:
    holdout = replace(BARELY, **broken)
    kept = [*HOLDS[:place], *HOLDS[place + 1 :]]
    assert decide(DEFAULTS, first(holdout)) == Decision(
        "7", False, [*kept, "there is no Production yet"], [reason]
    )
    assert not decide(DEFAULTS, against(Gain(0.2, 0.1, 0.3), holdout)).promote


@pytest.mark.parametrize(
    ("mean", "promote"),
    [(-0.2, False), (0.0, False), (0.0049, False), (0.005, True), (0.0051, True)],
)
def test_a_candidate_must_beat_production_by_so_much(mean: float, promote: bool) -> None:
    decision = decide(DEFAULTS, against(Gain(mean, -0.25, 0.0123)))
    reason = (
        f"ROC AUC {mean:+.4f} against Production version 3, "
        "95 % interval -0.2500 to +0.0123 (at least +0.005)"
    )
    assert decision.promote == promote
    assert decision.reasons_for == HOLDS + [reason] * promote
    assert decision.reasons_against == [reason] * (not promote)


def test_a_gain_that_could_not_be_measured_is_none() -> None:
    unknown = float("nan")
    assert not decide(DEFAULTS, against(Gain(unknown, unknown, unknown))).promote


def test_every_reason_is_told() -> None:
    poor = replace(BARELY, rows=1150, churned=3, roc_auc=0.5, calibration_error=0.31)
    decision = decide(DEFAULTS, against(Gain(-0.1, -0.2, 0.0), poor))
    assert decision == Decision(
        "7",
        False,
        ["1,150 holdout users (at least 200)"],
        [
            "3 holdout users of the rarer class (at least 20)",
            "ROC AUC 0.5000 (at least 0.65)",
            "calibration error 0.3100 (at most 0.1)",
            "ROC AUC -0.1000 against Production version 3, "
            "95 % interval -0.2000 to +0.0000 (at least +0.005)",
        ],
    )


def test_the_settings_draw_the_lines() -> None:
    lenient = ChurnSettings(
        min_auc=0.5,
        max_calibration_error=0.4,
        min_holdout_rows=2,
        min_class_rows=1,
        promotion_min_delta=0.0,
    )
    poor = replace(BARELY, rows=3, churned=1, roc_auc=0.5, calibration_error=0.31)
    assert decide(lenient, against(Gain(0.0, -0.1, 0.1), poor)).reasons_against == []


@pytest.mark.parametrize(("rate", "promoted"), [(0.46, True), (0.74, True), (0.76, False)])
def test_a_jump_of_the_share_who_churned_stops_a_candidate(rate: float, promoted: bool) -> None:
    better = against(Gain(mean=0.1, low=0.05, high=0.15))
    decision = decide(DEFAULTS, replace(better, base_rate=rate, champion_base_rate=0.6))
    reason = (
        f"{rate:.1%} of users churned, 60.0% when Production was trained (a change of at most 15%)"
    )
    assert decision.promote == promoted
    assert reason in (decision.reasons_for if promoted else decision.reasons_against)


def test_a_production_of_which_mlflow_knows_no_share_is_not_compared() -> None:
    better = against(Gain(mean=0.1, low=0.05, high=0.15))
    assert decide(DEFAULTS, replace(better, base_rate=0.9)).promote
