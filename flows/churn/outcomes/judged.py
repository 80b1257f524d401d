"""Whether Production's scores are worse than its holdout promised, beyond chance."""

from dataclasses import replace
from math import hypot

from flows.churn.outcomes.outcome import Kind, Outcome
from flows.churn.outcomes.version_in_mlflow import Holdout, holdouts
from flows.settings import Settings

_A: dict[Kind, str] = {"realized": "a realized", "estimated": "an estimated"}


def judged(settings: Settings, production: str | None, found: list[Outcome]) -> list[Outcome]:
    """Return the outcomes with what asks for a training: the latest of each kind of Production.

    A measured ROC AUC is compared with the measured one of the holdout, an estimated one with the
    estimated one: a model whose probabilities were too bold from the start differs in both alike.
    Raises Unavailable where MLflow, which knows the holdout, does not answer.
    """
    latest = {
        (outcome.kind, outcome.among): outcome
        for outcome in found
        if outcome.model_version == production
    }
    own = holdouts(settings, production) if production and latest else {}
    drop = settings.churn.auc_drop
    return [
        replace(outcome, asks_for_training=why_worse(outcome, own[outcome.among], drop))
        if outcome.among in own and latest.get((outcome.kind, outcome.among)) is outcome
        else outcome
        for outcome in found
    ]


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
    if outcome.kind != "estimated":
        return holdout.roc_auc, "of its holdout"
    if holdout.estimated is None:
        return holdout.roc_auc, "measured on its holdout (its training kept no estimate)"
    return holdout.estimated, "estimated on its holdout"
