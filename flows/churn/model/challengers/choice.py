"""Which of the kinds that a training tried, on one holdout, becomes the candidate."""

from typing import TYPE_CHECKING

from flows.churn.features.labelled_users import weights
from flows.churn.model.decisions.gains import gains
from flows.churn.model.decisions.threshold import ACTIVE, contacts
from flows.churn.model.kinds.tried import Kind, Tried
from flows.churn.model.metrics import how_many, quality, quality_of_some
from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    import pandas as pd

    from flows.churn.model.model_document import ServedModel


def measure(
    churn: ChurnSettings, kind: Kind, model: "ServedModel", holdout: "pd.DataFrame"
) -> Tried:
    """Measure a model on users that it was not trained on."""
    churned, probability = holdout["churned"].to_numpy(), model.probabilities(holdout)
    active = holdout[ACTIVE].to_numpy() > 0
    weight = weights(holdout)
    of_active = None if weight is None else weight[active]
    recent = quality_of_some(churned[active], probability[active], of_active)
    number = contacts(churn, how_many(active, weight))
    return Tried(
        kind,
        quality(churned, probability, weight),
        recent,
        gains(churned[active], probability[active], model.threshold, number, of_active)
        .tenths[0]
        .lift
        if recent
        else None,
    )


def winner(churn: ChurnSettings, tried: list[Tried]) -> int:
    """Return the place of the kind that becomes the candidate; the first is the one to beat.

    Another one wins as a candidate wins over Production: by a ROC AUC of `promotion_min_delta`
    more. It must be calibrated well enough for Production, and tell active users apart no worse.
    Of several it is the one with the largest ROC AUC.
    """
    first, *others = tried
    better = [
        place
        for place, other in enumerate(others, start=1)
        if other.holdout.roc_auc - first.holdout.roc_auc >= churn.promotion_min_delta
        and other.holdout.calibration_error <= churn.max_calibration_error
        and _recent_auc(other) >= _recent_auc(first)
    ]
    return max(better, key=lambda place: tried[place].holdout.roc_auc, default=0)


def _recent_auc(one: Tried) -> float:
    return one.recent.roc_auc if one.recent else 0.0
