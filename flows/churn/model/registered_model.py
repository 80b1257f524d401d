"""The model as MLflow keeps it: coefficients as JSON, scored with NumPy, no Java needed.

MLflow stores this file with the model and runs it wherever somebody loads the model from MLflow,
so it imports nothing of this project, which itself reads the document alone. A model of another
kind is in a file of its own, which MLflow stores beside this one.
"""

import importlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Vector = npt.NDArray[np.float64]

PROBABILITY = "churn_probability"
OTHER_KINDS = {
    "gradient-boosted trees": ("boosted_trees", "BoostedTrees"),
    "BG/NBD": ("purchase_process", "PurchaseProcess"),
}
"""Other kinds of model: the name of the file that MLflow stores for each, and the class in it."""


@dataclass(frozen=True)
class Term:
    """What one feature adds to the log-odds: `coefficient` times its value as the model sees it.

    A skewed value enters as its signed logarithm. A missing one enters as `mean`, the mean of
    the training users' values as the model sees them, and also adds `when_missing`.
    `deviation` is the standard deviation of those values.
    """

    feature: str
    skewed: bool
    mean: float
    deviation: float
    coefficient: float
    when_missing: float = 0.0


@dataclass(frozen=True)
class LinearModel:
    """A logistic regression; at probability `threshold` or above a user counts as churning."""

    terms: tuple[Term, ...]
    intercept: float
    threshold: float

    @property
    def feature_names(self) -> list[str]:
        """The features it reads."""
        return [term.feature for term in self.terms]

    def probabilities(self, users: pd.DataFrame) -> Vector:
        """Return the probability of churn of each row, shape (rows,).

        An absent column counts as missing.
        """
        log_odds = np.full(len(users), self.intercept)
        for term in self.terms:
            value, missing = _seen(term, users)
            log_odds += term.coefficient * value + term.when_missing * missing
        probabilities: Vector = 1.0 / (1.0 + np.exp(-log_odds))
        return probabilities

    def contributions(self, users: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to each row's log-odds, against the average user.

        Exact SHAP values of a linear model with independent features: Lundberg and Lee, "A
        Unified Approach to Interpreting Model Predictions" (2017), section 4.1, Linear SHAP.
        """
        added = {}
        for term in self.terms:
            value, missing = _seen(term, users)
            added[term.feature] = term.coefficient * (value - term.mean) + (
                term.when_missing * missing
            )
        return pd.DataFrame(added, index=users.index)

    @staticmethod
    def read(content: dict[str, Any]) -> "LinearModel":
        """Return the model of a document."""
        terms = tuple(Term(**term) for term in content["terms"])
        return LinearModel(terms, content["intercept"], content["threshold"])


def as_seen(cells: "pd.Series[Any]", *, skewed: bool) -> Vector:
    """Return a feature's values as the model sees them, unknown ones as NaN, shape (rows,)."""
    value: Vector = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.sign(value) * np.log1p(np.abs(value)) if skewed else value


def _seen(term: Term, users: pd.DataFrame) -> tuple[Vector, Vector]:
    if term.feature not in users:
        return np.full(len(users), term.mean), np.ones(len(users))
    value = as_seen(users[term.feature], skewed=term.skewed)
    missing = np.isnan(value)
    return np.where(missing, term.mean, value), missing.astype(np.float64)


def _numbers(cells: "pd.Series[Any]") -> "pd.Series[float]":
    numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
    unread = cells[numbers.isna()].dropna().astype(str)
    wrong = unread[~unread.str.strip().str.lower().isin(["", "nan"])]
    if len(wrong):
        raise ValueError(
            f"column {cells.name}: {len(wrong):,} of {len(cells):,} cells are no numbers "
            f"({wrong.iloc[0]!r} is the first)"
        )
    return numbers


# MLflow runs this file under a name of its own; this project imports the arithmetic alone.
if not __name__.startswith("flows."):
    from mlflow.models import set_model
    from mlflow.pyfunc.model import PythonModel

    class ChurnModel(PythonModel):
        """What MLflow loads: a table of features in, a column `churn_probability` out."""

        model: Any

        def load_context(self, context: Any) -> None:
            """Read the coefficients, or what another kind of model has instead."""
            path = Path(context.artifacts["coefficients"])
            content = json.loads(path.read_text(encoding="utf-8"))
            kind: Any = LinearModel
            if content.get("kind") in OTHER_KINDS:
                module, name = OTHER_KINDS[content["kind"]]
                kind = getattr(importlib.import_module(module), name)
            self.model = kind.read(content)

        def predict(
            self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
        ) -> pd.DataFrame:
            """Return each row's probability of churn.

            Numbers may be whole, decimal, nullable, booleans, or text as a CSV file has them; an
            empty text is missing. Warns of features that the table lacks; raises ValueError for a
            text that is no number.
            """
            names = self.model.feature_names
            if absent := [name for name in names if name not in model_input]:
                warnings.warn(
                    f"The table lacks {', '.join(absent)}: unknown of every user.", stacklevel=2
                )
            users = model_input[[name for name in names if name in model_input]].apply(_numbers)
            probabilities = self.model.probabilities(users)
            return pd.DataFrame({PROBABILITY: probabilities}, index=model_input.index)

    set_model(ChurnModel())
