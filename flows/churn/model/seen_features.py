"""Features as the logistic regression sees them, and the model that its coefficients make."""

from dataclasses import dataclass
from math import log
from typing import Any

from flows.churn.features.definitions import feature
from flows.churn.model.registered_model import LinearModel, Term


@dataclass(frozen=True)
class SeenFeatures:
    """What is known of the features of the users who teach.

    `names` are those with any value, `missing` those among them with unknown values for some users;
    `means` and `deviations` are of the values as the model sees them: those of skewed features are
    signed logarithms, and the mean of the known stands for the unknown, which an indicator marks.
    `weight` is the weight of a churned user; any other user's is 1. Who speaks for several weighs
    so many times as much.
    """

    names: tuple[str, ...]
    missing: tuple[str, ...]
    means: dict[str, float]
    deviations: dict[str, float]
    weight: float

    def model(self, coefficients: Any, intercept: float) -> LinearModel:
        """Return the model of these coefficients, of the indicators last, shape (inputs,).

        The intercept is that of real users: see `for_real_users`.
        """
        inputs = [*self.names, *(f"no_{name}" for name in self.missing)]
        found = dict(zip(inputs, coefficients.tolist(), strict=True))
        return LinearModel(
            terms=tuple(
                Term(
                    feature=name,
                    skewed=feature(name).skewed,
                    mean=self.means[name],
                    deviation=self.deviations[name],
                    coefficient=found[name],
                    when_missing=found.get(f"no_{name}", 0.0),
                )
                for name in self.names
            ),
            intercept=intercept,
            threshold=0.5,
        )

    def for_real_users(self, intercept: float) -> float:
        """Return the intercept without the weight of churned users.

        Weighting multiplies the odds by the weight; undoing it gives the real users' probabilities.
        King and Zeng, "Logistic Regression in Rare Events Data" (2001), prior correction.
        """
        return float(intercept) - log(self.weight)


def class_weight(users: float, churned: float, below: float) -> float:
    """Return the weight of a churned user: 1 unless the rarer class's share is below `below`."""
    if min(churned, users - churned) >= below * users:
        return 1.0
    return (users - churned) / churned
