"""BG/NBD fitted by maximum likelihood to when users paid."""

import logging
from typing import TYPE_CHECKING

import numpy as np

from flows.churn.model.kinds.purchase_process import History, PurchaseProcess, counted

if TYPE_CHECKING:
    import pandas as pd

    from flows.churn.model.metrics import Vector

logger = logging.getLogger(__name__)

_FARTHEST = 12.0
"""Parameters are sought between exp(-12) and exp(12)."""


def fit_purchases(
    users: "pd.DataFrame", days: int, weight: "Vector | None" = None
) -> PurchaseProcess:
    """Fit to users with their features and whether they churned; the model is not calibrated.

    Only when they paid enters the four parameters; what happened afterwards is the odds of those
    who never paid alone. `weight`, shape (users,), is for how many users each one speaks, if not
    for one: their log-likelihood counts so many times (the pseudolikelihood of Binder, "On the
    Variances of Asymptotically Normal Estimators from Complex Surveys", 1983).
    """
    from scipy.optimize import minimize

    history = History(
        *(
            users[name].to_numpy(dtype=np.float64)
            for name in ("payment_days", "payment_recency_days", "first_payment_days")
        )
    )
    x, last, age = counted(history)
    paid = x >= 0
    once = np.ones(len(users)) if weight is None else weight
    histories, which = np.unique(np.c_[x[paid], last[paid], age[paid]], axis=0, return_inverse=True)
    how_many = np.bincount(which.ravel(), weights=once[paid])
    begin = (
        np.log([1.0, max(float(age[paid].mean()), 1.0), 1.0, 1.0]) if paid.any() else np.zeros(4)
    )
    found = minimize(
        lambda logs: (
            -np.average(log_likelihood(np.exp(logs), histories), weights=how_many)
            if len(histories)
            else 0.0
        ),
        begin,
        method="L-BFGS-B",
        bounds=[(-_FARTHEST, _FARTHEST)] * 4,
    )
    if not found.success:
        logger.warning("The likelihood of BG/NBD has no clear maximum: %s", found.message)
    r, alpha, a, b = np.exp(found.x).tolist()
    never = once[~paid]
    gone = float((never * users.loc[~paid, "churned"]).sum())
    return PurchaseProcess(
        r=r,
        alpha=alpha,
        a=a,
        b=b,
        days=days,
        never=float(np.log((gone + 1) / (never.sum() - gone + 1))),
        average=History(
            *(
                float(np.rint(np.mean(values)))
                for values in (
                    history.payment_days,
                    history.payment_recency_days,
                    history.first_payment_days,
                )
            )
        ),
        slope=1.0,
        intercept=0.0,
        threshold=0.5,
    )


def log_likelihood(parameters: "Vector", histories: "Vector") -> "Vector":
    """Return the log-likelihood of each history: x, t_x and T, shape (users, 3).

    Fader, Hardie and Lee, "'Counting Your Customers' the Easy Way: An Alternative to the
    Pareto/NBD Model", Marketing Science 24 (2005), equation (6). Parameters are r, alpha, a, b.
    """
    from scipy.special import betaln, gammaln

    r, alpha, a, b = parameters
    x, last, age = histories.T
    rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    alive = betaln(a, b + x) - (r + x) * np.log(alpha + age)
    gone = np.where(
        x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + last), -np.inf
    )
    found: Vector = rate + np.logaddexp(alive, gone)
    return found
