"""Which kind becomes the candidate, and how the others are told."""

from dataclasses import replace

from flows.churn.model.challengers.choice import winner
from flows.churn.model.challengers.words import tried_measures, tried_section
from flows.churn.model.kinds.tried import Tried
from flows.churn.model.metrics import Quality
from flows.churn.model.training_result import Training
from flows.settings.churn import ChurnSettings

CHURN = ChurnSettings()


def tried(kind: str, auc: float, recent: float | None = 0.7, error: float = 0.02) -> Tried:
    """A kind with these figures on 900 users."""
    quality = Quality(900, 300, auc, 0.6, 0.5, 0.2, error)
    active = replace(quality, rows=300, roc_auc=recent) if recent else None
    return Tried(kind, quality, active, 1.5 if recent else None)  # type: ignore[arg-type]


LOGISTIC = tried("logistic regression", 0.8)


def test_the_best_that_beats_the_first_by_enough_wins() -> None:
    trees, other = tried("gradient-boosted trees", 0.81), tried("BG/NBD", 0.806)
    assert winner(CHURN, [LOGISTIC]) == 0
    assert winner(CHURN, [LOGISTIC, other, trees]) == 2
    assert winner(CHURN, [LOGISTIC, tried("BG/NBD", 0.8049)]) == 0


def test_one_that_is_worse_among_active_users_or_not_calibrated_loses() -> None:
    assert winner(CHURN, [LOGISTIC, tried("BG/NBD", 0.9, recent=0.69)]) == 0
    assert winner(CHURN, [LOGISTIC, tried("BG/NBD", 0.9, error=0.11)]) == 0
    nobody = [tried("logistic regression", 0.8, recent=None), tried("BG/NBD", 0.9, recent=None)]
    assert winner(CHURN, nobody) == 1


def training(*kinds: Tried) -> Training:
    return Training("", "", None, 0.5, kinds[0].holdout, None, None, tried=list(kinds))


def test_each_kind_is_told_with_its_figures() -> None:
    both = training(LOGISTIC, tried("BG/NBD", 0.79, recent=None))
    card = "\n".join(tried_section(both))
    assert "this is the logistic regression." in card
    assert "| BG/NBD | 0.790 | 0.600 | 0.500 | 0.020 | too few users |  |" in card
    assert "| logistic regression | 0.800 | 0.600 | 0.500 | 0.020 | 0.700 | 1.50 |" in card
    measures = tried_measures(both)
    assert measures["logistic_regression_recent_lift_top_tenth"] == 1.5
    assert measures["bg_nbd_holdout_roc_auc"] == 0.79
    assert "bg_nbd_recent_roc_auc" not in measures


def test_one_kind_alone_is_not_compared() -> None:
    assert tried_section(training(LOGISTIC)) == []
    assert tried_measures(training(LOGISTIC)) == {}
