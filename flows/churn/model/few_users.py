"""Few users in memory, for whom a job of Spark costs a thousand times what it computes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.churn.features.definitions import feature
from flows.churn.model.registered_model import LinearModel, as_seen
from flows.churn.model.seen_features import SeenFeatures, class_weight
from flows.platform.compute.logistic_minimum import HeldRows, minimum_of


@dataclass(frozen=True)
class FewUsers:
    """Users as the logistic regression sees them: what Spark would make of the same users.

    `rows.features` has the inputs of `seen`, the indicators of unknown values last.
    """

    seen: SeenFeatures
    rows: HeldRows
    in_validation: npt.NDArray[np.bool_]

    def teaching(self, *, without_validation: bool) -> HeldRows:
        """Return the rows that teach: all, or those of users outside the validation part."""
        if not without_validation:
            return self.rows
        taken, rows = ~self.in_validation, self.rows
        return HeldRows(rows.features[taken], rows.labels[taken], rows.weights[taken])

    def fit(self, regularization: float, *, without_validation: bool = False) -> LinearModel | None:
        """Return the model at the minimum; None where that is not found, and Spark has to look."""
        teaching = self.teaching(without_validation=without_validation)
        if (found := minimum_of(teaching, regularization)) is None:
            return None
        coefficients, intercept = found
        return self.seen.model(coefficients, self.seen.for_real_users(intercept))


def few_users(users: pd.DataFrame, names: Sequence[str], weights_below: float) -> FewUsers:
    """Return users of a table of labelled features, as `spark_fit.prepare` prepares them."""
    values = {name: as_seen(users[name], skewed=feature(name).skewed) for name in names}
    unknown = {name: np.isnan(found) for name, found in values.items()}
    known = tuple(name for name in names if not unknown[name].all())
    missing = tuple(name for name in known if unknown[name].any())
    means = {name: float(np.nanmean(values[name])) for name in known}
    filled = [np.where(unknown[name], means[name], values[name]) for name in known]
    churned = users["churned"].to_numpy(dtype=np.float64)
    speaks_for = users["weight"].to_numpy(dtype=np.float64)
    weight = class_weight(float(speaks_for.sum()), float(speaks_for @ churned), weights_below)
    return FewUsers(
        SeenFeatures(
            names=known,
            missing=missing,
            means=means,
            deviations={name: float(np.std(v)) for name, v in zip(known, filled, strict=True)},
            weight=weight,
        ),
        HeldRows(
            np.column_stack([*filled, *(unknown[name].astype(np.float64) for name in missing)]),
            churned,
            np.where(churned == 1, weight, 1.0) * speaks_for,
        ),
        users["in_validation"].to_numpy(dtype=np.bool_),
    )
