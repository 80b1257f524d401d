"""A kind of model that a training tried, and its figures."""

from dataclasses import dataclass
from typing import Literal

from flows.churn.model.metrics import Quality

Kind = Literal["logistic regression", "gradient-boosted trees", "BG/NBD"]


@dataclass(frozen=True)
class Tried:
    """A kind of model on the holdout: all users, and those who paid in the last 90 days.

    `lift`: how many times as many churned as at random in the tenth of the latter that is most
    likely to. None where they are all of one class.
    """

    kind: Kind
    holdout: Quality
    recent: Quality | None
    lift: float | None
