"""One fit with Spark ML: what goes into the pipeline, and the coefficients that come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from flows.churn.features.definitions import feature
from flows.churn.model.few_users import FewUsers
from flows.churn.model.registered_model import LinearModel
from flows.churn.model.seen_features import SeenFeatures, class_weight
from flows.platform.compute.logistic_minimum import (
    at_minimum,
    begin_at,
    minimum_of,
    with_coefficients,
)
from flows.sql_files import read_sql

if TYPE_CHECKING:
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

    `stages` made the columns of `rows`, of the features that are `seen`; `few` are the same users
    in memory, where they are few.
    """

    rows: "DataFrame"
    stages: tuple[Any, ...]
    seen: SeenFeatures
    few: FewUsers | None


def prepare(
    spark: "SparkSession",
    addresses: Sequence[str],
    where: str,
    names: Sequence[str],
    weights_below: float,
    few: FewUsers | None = None,
) -> PreparedUsers:
    """Read labelled features, and build the model's inputs for the users that `where` selects.

    They are where Spark finds them; with several folders, a user is as many rows as describe them.
    `few`: the same users in memory, where they are few.

    Skewed features become signed logarithms; unknown values become the mean of the known, and an
    indicator column marks them. Classes are weighted when the rarer one's share is below
    `weights_below`. A feature without any value among these users is left out.
    """
    from pyspark.ml.feature import SQLTransformer, VectorAssembler
    from pyspark.sql import functions

    users = spark.read.parquet(*addresses).where(where)
    seen = few.seen if few else _seen_in(users, names, weights_below)
    columns = {
        f"seen_{name}": f"coalesce({_seen(name)}, {seen.means[name]!r}D)" for name in seen.names
    }
    columns |= {
        f"no_{name}": f"CASE WHEN {name} IS NULL THEN 1D ELSE 0D END" for name in seen.missing
    }
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
            functions.when(functions.col("churned") == 1, seen.weight).otherwise(1.0)
            * functions.col("weight")
        ).alias(_WEIGHT),
        functions.col("weight").alias(SPEAKS_FOR),
    )
    return PreparedUsers(rows.cache(), (transformer, assembler), seen, few)


def _seen_in(users: "DataFrame", names: Sequence[str], weights_below: float) -> SeenFeatures:
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
    return SeenFeatures(
        names=known,
        missing=tuple(name for name in known if found[f"known_{name}"] < found["users"]),
        means={name: float(found[f"mean_{name}"]) for name in known},
        deviations={
            name: sqrt(found[f"variance_{name}"] * found[f"known_{name}"] / found["users"])
            for name in known
        },
        weight=class_weight(found["weight"], found["weight_of_churned"], weights_below),
    )


def fit(prepared: PreparedUsers, regularization: float) -> tuple["PipelineModel", LinearModel]:
    """Fit on the prepared users; return Spark's pipeline and the NumPy model.

    The regression standardizes its inputs itself and returns coefficients on the original scale:
    the same ones, to some eleven digits, in whatever order Spark meets the users. Of few users
    the minimum is known before: Spark begins there, and has nothing left to improve.
    """
    from pyspark.ml import PipelineModel

    regression, seen = _regression(regularization), prepared.seen
    held = prepared.few.rows if prepared.few else None
    if held is not None and (known := minimum_of(held, regularization)):
        begin_at(regression, *known)
    fitted = at_minimum(regression.fit(prepared.rows), prepared.rows if held is None else held)
    intercept = seen.for_real_users(fitted.intercept)
    if seen.weight != 1:
        fitted = with_coefficients(fitted, fitted.coefficients, intercept)
    linear = seen.model(fitted.coefficients.toArray(), intercept)
    return PipelineModel([*prepared.stages, fitted]), linear


def fit_to_compare(
    prepared: PreparedUsers, regularization: float, *, without_validation: bool = False
) -> LinearModel:
    """Fit as `fit` does, for a model that is measured and not kept.

    Of few users it is the same, without a job of Spark for each iteration; of many, to as many
    digits as the loss shows. Users in the validation part do not teach, if so asked.
    """
    few, seen = prepared.few, prepared.seen
    if few and (found := few.fit(regularization, without_validation=without_validation)):
        return found
    rows = prepared.rows.where("NOT in_validation") if without_validation else prepared.rows
    fitted = _regression(regularization).fit(rows)
    return seen.model(fitted.coefficients.toArray(), seen.for_real_users(fitted.intercept))


def _regression(regularization: float) -> "LogisticRegression":
    from pyspark.ml.classification import LogisticRegression

    return LogisticRegression(
        regParam=regularization, maxIter=_MAX_ITERATIONS, tol=_TOLERANCE, weightCol=_WEIGHT
    )


def _seen(name: str) -> str:
    return f"signum({name}) * log1p(abs({name}))" if feature(name).skewed else name
