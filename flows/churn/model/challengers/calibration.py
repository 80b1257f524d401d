"""From a model's own log-odds to calibrated ones."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from flows.churn.model.metrics import Labels, Vector


def calibrate(
    log_odds: "Vector", churned: "Labels", weight: "Vector | None" = None
) -> tuple[float, float]:
    """Return the slope and the intercept that fit log-odds best to what happened.

    All arrays have shape (users,), of users who did not teach the model; `weight` is for how many
    users each one speaks, if not for one. Targets are a little
    off 0 and 1, so that the slope stays finite where log-odds tell both classes apart: Platt,
    "Probabilistic Outputs for Support Vector Machines" (1999), section 2.2.
    """
    from sklearn.linear_model import LogisticRegression

    speak = 1.0 if weight is None else weight
    left = int(churned.sum())
    stayed = len(churned) - left
    target = np.where(churned == 1, (left + 1) / (left + 2), 1 / (stayed + 2))
    # A target between 0 and 1 is a user who did both, each with its share as weight.
    fitted = LogisticRegression(C=np.inf, max_iter=1000).fit(
        np.r_[log_odds, log_odds].reshape(-1, 1),
        np.r_[np.ones(len(log_odds)), np.zeros(len(log_odds))],
        sample_weight=np.r_[target * speak, (1 - target) * speak],
    )
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
