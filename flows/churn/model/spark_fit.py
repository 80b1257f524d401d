"""One fit with Spark ML: what goes into the pipeline, and the coefficients that come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from flows.churn.features.definitions import feature
from flows.churn.model.registered_model import LinearModel, Term
from flows.platform.compute.logistic_minimum import (
    HeldRows,
    at_minimum,
    begin_at,
    minimum_of,
    with_coefficients,
)
from flows.platform.compute.session_options import FEW_ROWS
from flows.sql_files import read_sql

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.ml import PipelineModel
    from pyspark.ml.classification import LogisticRegression
    from pyspark.sql import DataFrame, SparkSession

_MAX_ITERATIONS = 100
_TOLERANCE = 1e-6
_WEIGHT = "fit_weight"
SPEAKS_FOR = "speaks_for"
"""The column of prepared users that says for how many each one speaks, whatever their class."""


@dataclass(frozen=True)
class PreparedUsers:
    """Users as the logistic regression sees them.

    `stages` made the columns; `names` are the features among them, `missing` those with unknown
    values for some users; `means` and `deviations` are of the values as the model sees them.
    `weight` is the weight of a churned user; any other user's is 1. Who speaks for several weighs
    so many times as much. `users`: how many rows there are.
    """

    rows: "DataFrame"
    stages: tuple[Any, ...]
    names: tuple[str, ...]
    missing: tuple[str, ...]
    means: dict[str, float]
    deviations: dict[str, float]
    weight: float
    users: int

    def held(self, *, without_validation: bool = False) -> HeldRows | None:
        """Return them in memory, where they are few; without those who choose, if so asked."""
        if self.users > FEW_ROWS:
            return None
        found = self._in_memory
        taken = found[~found["in_validation"]] if without_validation else found
        return HeldRows(
            np.array(taken["features"].tolist(), dtype=np.float64),
            taken["label"].to_numpy(),
            taken[_WEIGHT].to_numpy(),
        )

    @cached_property
    def _in_memory(self) -> "pd.DataFrame":
        from pyspark.ml.functions import vector_to_array
        from pyspark.sql.functions import col

        features = vector_to_array(col("features")).alias("features")
        return self.rows.select(features, "label", _WEIGHT, "in_validation").toPandas()


def prepare(
    spark: "SparkSession",
    addresses: Sequence[str],
    where: str,
    names: Sequence[str],
    weights_below: float,
) -> PreparedUsers:
    """Read labelled features, and build the model's inputs for the users that `where` selects.

    They are where Spark finds them; with several folders, a user is as many rows as describe them.

    Skewed features become signed logarithms; unknown values become the mean of the known, and an
    indicator column marks them. Classes are weighted when the rarer one's share is below
    `weights_below`. A feature without any value among these users is left out.
    """
    from pyspark.ml.feature import SQLTransformer, VectorAssembler
    from pyspark.sql import functions

    users = spark.read.parquet(*addresses).where(where)
    # One pass over the users for everything that is counted or averaged.
    found = users.selectExpr(
        "count(*) AS users",
        "sum(weight) AS weight",
        "sum(weight * churned) AS weight_of_churned",
        *(f"count({name}) AS known_{name}" for name in names),
        *(f"avg({_seen(name)}) AS mean_{name}" for name in names),
        *(f"var_pop({_seen(name)}) AS variance_{name}" for name in names),
    ).collect()[0]
    known = tuple(name for name in names if found[f"known_{name}"])
    missing = tuple(name for name in known if found[f"known_{name}"] < found["users"])
    means = {name: float(found[f"mean_{name}"]) for name in known}
    weight = _weight(found["weight"], found["weight_of_churned"], weights_below)
    columns = {f"seen_{name}": f"coalesce({_seen(name)}, {means[name]!r}D)" for name in known}
    columns |= {f"no_{name}": f"CASE WHEN {name} IS NULL THEN 1D ELSE 0D END" for name in missing}
    made = ", ".join(f"{expression} AS {column}" for column, expression in columns.items())
    transformer = SQLTransformer(
        statement=read_sql("churn/model/seen_by_model.sql").format(made=made)
    )
    assembler = VectorAssembler(inputCols=list(columns), outputCol="features")
    rows = assembler.transform(transformer.transform(users)).select(
        "in_validation",
        "features",
        functions.col("churned").cast("double").alias("label"),
        (
            functions.when(functions.col("churned") == 1, weight).otherwise(1.0)
            * functions.col("weight")
        ).alias(_WEIGHT),
        functions.col("weight").alias(SPEAKS_FOR),
    )
    return PreparedUsers(
        rows=rows.cache(),
        stages=(transformer, assembler),
        names=known,
        missing=missing,
        means=means,
        deviations={
            name: sqrt(found[f"variance_{name}"] * found[f"known_{name}"] / found["users"])
            for name in known
        },
        weight=weight,
        users=found["users"],
    )


def fit(prepared: PreparedUsers, regularization: float) -> tuple["PipelineModel", LinearModel]:
    """Fit on the prepared users; return Spark's pipeline and the NumPy model.

    The regression standardizes its inputs itself and returns coefficients on the original scale:
    the same ones, to some eleven digits, in whatever order Spark meets the users. Of few users
    the minimum is known before: Spark begins there, and has nothing left to improve.
    """
    from pyspark.ml import PipelineModel

    regression, held = _regression(regularization), prepared.held()
    if held is not None and (known := minimum_of(held, regularization)):
        begin_at(regression, *known)
    fitted = at_minimum(regression.fit(prepared.rows), prepared.rows if held is None else held)
    intercept = _for_real_users(prepared, fitted.intercept)
    if prepared.weight != 1:
        fitted = with_coefficients(fitted, fitted.coefficients, intercept)
    linear = _linear(prepared, fitted.coefficients.toArray(), intercept)
    return PipelineModel([*prepared.stages, fitted]), linear


def fit_to_compare(
    prepared: PreparedUsers, regularization: float, *, without_validation: bool = False
) -> LinearModel:
    """Fit as `fit` does, for a model that is measured and not kept.

    Of few users it is the same, without a job of Spark for each iteration; of many, to as many
    digits as the loss shows. Users in the validation part do not teach, if so asked.
    """
    held = prepared.held(without_validation=without_validation)
    found = minimum_of(held, regularization) if held is not None else None
    if found is None:
        rows = prepared.rows.where("NOT in_validation") if without_validation else prepared.rows
        fitted = _regression(regularization).fit(rows)
        found = fitted.coefficients.toArray(), fitted.intercept
    coefficients, intercept = found
    return _linear(prepared, coefficients, _for_real_users(prepared, intercept))


def _regression(regularization: float) -> "LogisticRegression":
    from pyspark.ml.classification import LogisticRegression

    return LogisticRegression(
        regParam=regularization, maxIter=_MAX_ITERATIONS, tol=_TOLERANCE, weightCol=_WEIGHT
    )


def _for_real_users(prepared: PreparedUsers, intercept: float) -> float:
    # Weighting multiplies the odds by the weight; undoing it gives the real users' probabilities.
    # King and Zeng, "Logistic Regression in Rare Events Data" (2001), prior correction.
    return float(intercept) - log(prepared.weight)


def _linear(prepared: PreparedUsers, coefficients: Any, intercept: float) -> LinearModel:
    names = [*prepared.names, *(f"no_{name}" for name in prepared.missing)]
    found = dict(zip(names, coefficients.tolist(), strict=True))
    return LinearModel(
        terms=tuple(
            Term(
                feature=name,
                skewed=feature(name).skewed,
                mean=prepared.means[name],
                deviation=prepared.deviations[name],
                coefficient=found[name],
                when_missing=found.get(f"no_{name}", 0.0),
            )
            for name in prepared.names
        ),
        intercept=intercept,
        threshold=0.5,
    )


def _seen(name: str) -> str:
    return f"signum({name}) * log1p(abs({name}))" if feature(name).skewed else name


def _weight(users: float, churned: float, below: float) -> float:
    if min(churned, users - churned) >= below * users:
        return 1.0
    return (users - churned) / churned
