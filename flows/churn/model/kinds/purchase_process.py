"""The BG/NBD model of when users pay, as MLflow keeps it: four numbers, scored with NumPy.

MLflow stores this file with such a model, so it imports nothing of this project.
"""

from dataclasses import asdict, dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Vector = npt.NDArray[np.float64]

_LEAST = 1e-300


@dataclass(frozen=True)
class History:
    """A user's payments as features describe them, or of many users, as arrays of shape (users,).

    `payment_days`: days with a payment; `payment_recency_days` and `first_payment_days`: days since
    the last and since the first.
    """

    payment_days: Vector | float
    payment_recency_days: Vector | float
    first_payment_days: Vector | float


@dataclass(frozen=True)
class PurchaseProcess:
    """Fader, Hardie and Lee, "'Counting Your Customers' the Easy Way" (2005): BG/NBD.

    While alive, a user pays at a rate of their own, gamma distributed by `r` and `alpha`; after
    each payment they may leave for good, with a probability of their own, beta distributed by
    `a` and `b`. Churn is no payment in the next `days`. Users without any payment are not in that
    model: theirs are the log-odds `never`. The others' are `intercept` plus `slope` times the
    model's, calibrated as those of trees are. `average` is the average training user; it stands for
    what is missing.
    """

    r: float
    alpha: float
    a: float
    b: float
    days: int
    never: float
    average: History
    slope: float
    intercept: float
    threshold: float

    @property
    def feature_names(self) -> list[str]:
        """The features it reads."""
        return list(asdict(self.average))

    @property
    def average_log_odds(self) -> float:
        """The log-odds that contributions start from: those of the average training user."""
        return float(self._log_odds(self.average)[0])

    def log_odds(self, users: pd.DataFrame) -> Vector:
        """Return the log-odds of churn of each row, shape (rows,)."""
        return self._log_odds(self._history(users))

    def probabilities(self, users: pd.DataFrame) -> Vector:
        """Return the probability of churn of each row, shape (rows,).

        An absent column counts as missing.
        """
        probabilities: Vector = 1.0 / (1.0 + np.exp(-self.log_odds(users)))
        return probabilities

    def contributions(self, users: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to each row's log-odds, against the average user.

        Exact Shapley values over its features, which with `average_log_odds` add up to the
        log-odds; a feature that is not known is the average user's. Sundararajan and Najmi, "The
        Many Shapley Values for Model Explanation" (2020), baseline Shapley.
        """
        own, average = asdict(self._history(users)), asdict(self.average)
        names = self.feature_names
        worth = {
            known: self._log_odds(History(**average | {name: own[name] for name in known}))
            for size in range(len(names) + 1)
            for known in combinations(names, size)
        }
        added = {name: np.zeros(len(users)) for name in names}
        for known, before in worth.items():
            for name in set(names) - set(known):
                after = worth[tuple(each for each in names if each in (*known, name))]
                orders = len(names) * comb(len(names) - 1, len(known))
                added[name] += (after - before) / orders
        return pd.DataFrame(added, index=users.index)

    def _history(self, users: pd.DataFrame) -> History:
        def read(name: str, average: float) -> Vector:
            if name not in users:
                return np.full(len(users), average)
            value = users[name].to_numpy(dtype=np.float64, na_value=np.nan)
            return np.where(np.isnan(value), average, value)

        return History(**{name: read(name, each) for name, each in asdict(self.average).items()})

    def _log_odds(self, history: History) -> Vector:
        repeats, last, age = counted(history)
        shape = self.r + repeats
        # Alive, a user pays at a rate that is gamma distributed by r + x and alpha + T. None in t
        # days has the probability ((alpha + T) / (alpha + T + t)) ** (r + x).
        silent = shape * np.log((self.alpha + age) / (self.alpha + age + self.days))
        log_pays = self._log_alive(repeats, last, age) + np.log(
            np.maximum(-np.expm1(silent), _LEAST)
        )
        log_churns = np.log(np.maximum(-np.expm1(log_pays), _LEAST))
        log_odds = self.intercept + self.slope * (log_churns - log_pays)
        return np.where(repeats < 0, self.never, log_odds)

    def _log_alive(self, repeats: Vector, last: Vector, age: Vector) -> Vector:
        """Return the logarithm of P(alive | x, t_x, T); who paid on one day only is alive.

        Fader, Hardie and Lee, "Computing P(alive) Using the BG/NBD Model" (2008), equation (1).
        """
        left = np.log(self.a / (self.b + np.maximum(repeats, 1) - 1)) + (self.r + repeats) * np.log(
            (self.alpha + age) / (self.alpha + last)
        )
        return np.where(repeats >= 1, -np.logaddexp(0, left), 0.0)

    @staticmethod
    def read(content: dict[str, Any]) -> "PurchaseProcess":
        """Return the model of a document."""
        numbers = {
            name: value for name, value in content.items() if name not in ("kind", "lookback_days")
        }
        return PurchaseProcess(**numbers | {"average": History(**content["average"])})


def counted(history: History) -> tuple[Vector, Vector, Vector]:
    """Return what the paper calls x, t_x and T: repeat payments, days to the last, days to now.

    x is -1 for who never paid. Days are whole and a first payment is not later than the last,
    whatever a form says.
    """
    repeats = np.atleast_1d(np.maximum(np.floor(history.payment_days), 0) - 1)
    age = np.atleast_1d(np.maximum(history.first_payment_days, 0))
    last = np.clip(age - history.payment_recency_days, 0, age)
    return repeats, last, age
