"""What scores users: the model, or without one a heuristic that says what it is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from flows.churn.features.definitions import feature

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from flows.churn.model.registered_model import Vector

_RECENCY, _FREQUENCY = "payment_recency_days", "payments_last_30d"


class Scorer(Protocol):
    """Scores features, one row per user; at `threshold` or above a user counts as churning."""

    @property
    def threshold(self) -> float:
        """The lowest probability that counts as churning."""
        ...

    @property
    def feature_names(self) -> list[str]:
        """The features it reads."""
        ...

    def probabilities(self, users: "DataFrame") -> "Vector":
        """Return the probability of churn of each row."""
        ...

    def contributions(self, users: "DataFrame") -> "DataFrame":
        """Return what each feature adds to each row, against the average user."""
        ...


@dataclass(frozen=True)
class Heuristic:
    """Used without a model: expects churn of users who last paid long ago and rarely pay.

    Half of the probability is the days since the last payment, as a share of the usual range; the
    other half is one minus that share for the payments of the last 30 days. Shares are clipped to
    0 and 1; an unknown share is one half. It is not fitted to data.
    """

    threshold: float = 0.5

    @property
    def feature_names(self) -> list[str]:
        """The two that it reads."""
        return [_RECENCY, _FREQUENCY]

    def probabilities(self, users: "DataFrame") -> "Vector":
        """Return 0.5 plus what both parts add to it."""
        probabilities: Vector = 0.5 + self.contributions(users).sum(axis=1).to_numpy()
        return probabilities

    def contributions(self, users: "DataFrame") -> "DataFrame":
        """Return what each part adds to 0.5: between -0.25 and 0.25."""
        import pandas as pd

        return pd.DataFrame(
            {
                _RECENCY: (_share(users, _RECENCY) - 0.5) / 2,
                _FREQUENCY: (0.5 - _share(users, _FREQUENCY)) / 2,
            }
        )


def _share(users: "DataFrame", name: str) -> "Series[float]":
    low, high = feature(name).display_range
    return ((users[name] - low) / (high - low)).clip(0, 1).fillna(0.5)
