"""Whether Production's scores are worse than its holdout promised, beyond chance."""

from dataclasses import replace
from math import hypot

from flows.churn.outcomes.outcome import Among, Kind, Outcome
from flows.churn.outcomes.version_in_mlflow import Holdout, holdouts
from flows.settings import Settings

_A: dict[Kind, str] = {"realized": "a realized", "estimated": "an estimated"}
_OF: dict[Among, Among] = {
    "all": "all",
    "not contacted": "all",
    "active": "active",
    "active, not contacted": "active",
}


def judged(settings: Settings, production: str | None, found: list[Outcome]) -> list[Outcome]:
    """Return the outcomes with what asks for a training: the latest of each kind of Production.

    A measured ROC AUC is compared with the measured one of the holdout, an estimated one with the
    estimated one: a model whose probabilities were too bold from the start differs in both alike.
    Where a campaign contacted users, those whom it did not contact are judged instead of all.
    Raises Unavailable where MLflow, which knows the holdout, does not answer.
    """
    latest: dict[tuple[Kind, Among], Outcome] = {}
    for outcome in found:
        group = (outcome.kind, _OF[outcome.among])
        if outcome.model_version == production and _after(outcome, latest.get(group)):
            latest[group] = outcome
    own = holdouts(settings, production) if production and latest else {}
    drop = settings.churn.auc_drop
    return [
        replace(outcome, asks_for_training=why_worse(outcome, own[of], drop))
        if (of := _OF[outcome.among]) in own and latest.get((outcome.kind, of)) is outcome
        else outcome
        for outcome in found
    ]


def _after(outcome: Outcome, other: Outcome | None) -> bool:
    """Return whether it says more about today: of a later day, or without a campaign's doing."""
    return other is None or (outcome.as_of, outcome.among not in _OF.values()) > (
        other.as_of,
        other.among not in _OF.values(),
    )


def why_worse(outcome: Outcome, holdout: Holdout, drop: float) -> str | None:
    """Return why an outcome of Production is worse than its holdout; None where it is not.

    It is where the 95 % interval of the difference lies below the drop: both are samples.
    """
    if outcome.roc_auc is None or outcome.roc_auc_low is None or outcome.roc_auc_high is None:
        return None
    promised, words = _promised(outcome, holdout)
    # An interval that is cut at 0 or 1 is as wide as its longer side.
    ours = max(outcome.roc_auc - outcome.roc_auc_low, outcome.roc_auc_high - outcome.roc_auc)
    if outcome.roc_auc + hypot(ours, holdout.margin) >= promised - drop:
        return None
    return (
        f"Version {outcome.model_version} has {_A[outcome.kind]} ROC AUC of {outcome.roc_auc:.3f} "
        f"[{outcome.roc_auc_low:.3f}, {outcome.roc_auc_high:.3f}] on the {outcome.among} users "
        f"scored on {outcome.as_of}, below the {promised:.3f} {words} by more than {drop:g}."
    )


def _promised(outcome: Outcome, holdout: Holdout) -> tuple[float, str]:
    if outcome.expected_roc_auc is not None:
        # Of users of another range, moved by what the holdout's measure differed from its estimate.
        bolder = holdout.roc_auc - (holdout.estimated or holdout.roc_auc)
        return outcome.expected_roc_auc + bolder, "that is expected of them"
    if outcome.kind != "estimated":
        return holdout.roc_auc, "of its holdout"
    if holdout.estimated is None:
        return holdout.roc_auc, "measured on its holdout (its training kept no estimate)"
    return holdout.estimated, "estimated on its holdout"
