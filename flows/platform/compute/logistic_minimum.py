"""The very minimum of what Spark's logistic regression minimizes, however rows are partitioned."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
    from pyspark.sql import DataFrame

Array = npt.NDArray[np.float64]

# In standard deviations of a feature; the next step is about the square of such a one.
_SETTLED = 1e-6
_MOST_STEPS = 6
# From no effect at all it takes five to ten.
_MOST_STEPS_FROM_NOTHING = 25
# With so little curvature beside the largest, columns say the same: any share of each is as good.
_FLAT = 1e-12


@dataclass(frozen=True)
class HeldRows:
    """The rows of a fit in memory: features of shape (rows, features), labels of 0 and 1, weights.

    For few rows, a job of Spark costs a thousand times what it computes.
    """

    features: Array
    labels: Array
    weights: Array


@dataclass(frozen=True)
class _Measured:
    """Means and deviations of the features, as Spark standardizes, and the weight of all rows."""

    mean: Array
    deviation: Array
    total: float


@dataclass(frozen=True)
class _Point:
    """Coefficients on the features' own scale, and the intercept."""

    coefficients: Array
    intercept: float


def at_minimum(
    fitted: "LogisticRegressionModel", rows: "DataFrame | HeldRows"
) -> "LogisticRegressionModel":
    """Return the model with those coefficients that minimize what it was fitted to minimize.

    `rows` are those of the fit, in its columns, with its weights; its inputs were standardized, its
    regularization is L2's, and it has an intercept. Spark stops where its loss no longer changes in
    double precision, which leaves half of a coefficient's digits to the order in which partitions
    were added up. From there, Newton's steps take one pass over the rows each; one or two will do.
    Where they do not settle, as without regularization between classes that a plane separates,
    which have no minimum, the model comes back as it is.
    """
    reached = _Point(fitted.coefficients.toArray(), float(fitted.intercept))
    penalty = fitted.getRegParam()
    if isinstance(rows, HeldRows):
        measured = _measured(rows)
        with _one_thread():
            found = _newton(reached, penalty, measured, _sums_of(rows, measured.mean), _MOST_STEPS)
    else:
        measured = _measured_by_spark(fitted, rows)

        def sums(at: _Point) -> Array:
            model = with_coefficients(fitted, at.coefficients, at.intercept)
            return _sums_by_spark(model, rows, measured.mean)

        found = _newton(reached, penalty, measured, sums, _MOST_STEPS)
    return with_coefficients(fitted, found.coefficients, found.intercept) if found else fitted


def minimum_of(rows: HeldRows, regularization: float) -> tuple[Array, float] | None:
    """Return the coefficients and the intercept at the minimum of `at_minimum`, without Spark.

    None where Newton's steps do not settle.
    """
    measured = _measured(rows)
    share = float(rows.weights @ rows.labels) / measured.total
    if not 0 < share < 1:
        return None
    nothing = _Point(np.zeros(rows.features.shape[1]), float(np.log(share / (1 - share))))
    with _one_thread():
        found = _newton(
            nothing,
            regularization,
            measured,
            _sums_of(rows, measured.mean),
            _MOST_STEPS_FROM_NOTHING,
        )
    return (found.coefficients, found.intercept) if found else None


def _one_thread() -> AbstractContextManager[object]:
    """Let NumPy multiply by one thread: of so few rows a second one takes as long, and saves none.

    So the last digits of a coefficient are the same on any number of processors, too.
    """
    limited: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limited


@cache
def _libraries() -> ThreadpoolController:
    # To look for what computes takes as long as some fits.
    return ThreadpoolController()


def _newton(
    reached: _Point,
    regularization: float,
    measured: _Measured,
    sums_at: Callable[[_Point], Array],
    most_steps: int,
) -> _Point | None:
    """Return where Newton's steps settle; None where they do not."""
    # The intercept last. Of a feature that does not vary, Spark makes nothing, and so do we.
    varies = np.append(measured.deviation > 0, True)
    scale = np.append(np.where(measured.deviation > 0, measured.deviation, 1.0), 1.0)
    penalty = np.append(np.full(len(measured.mean), regularization), 0.0)
    for _ in range(most_steps):
        sums = sums_at(reached) / measured.total
        curvature = sums[:-1, :-1] / np.outer(scale, scale) + np.diag(penalty)
        standardized = np.append(reached.coefficients, 0.0) * scale
        slope = sums[:-1, -1] / scale + penalty * standardized
        if not (np.isfinite(curvature).all() and np.isfinite(slope).all()):
            break
        step = np.zeros(len(scale))
        step[varies] = -np.linalg.lstsq(
            curvature[np.ix_(varies, varies)], slope[varies], rcond=_FLAT
        )[0]
        *moved, by = step / scale
        reached = _Point(
            reached.coefficients + moved,
            reached.intercept + by - float(np.dot(moved, measured.mean)),
        )
        if np.abs(step).max() <= _SETTLED:
            return reached
    return None


def begin_at(regression: "LogisticRegression", coefficients: Array, intercept: float) -> None:
    """Let Spark's iterations begin there instead of at no effect, which only the JVM offers."""
    java: Any = regression._java_obj
    java.setInitialModel(_java_model(regression.uid, coefficients, intercept))


def with_coefficients(
    fitted: "LogisticRegressionModel", coefficients: Any, intercept: float
) -> "LogisticRegressionModel":
    """Return that model with others; Python cannot make one of given coefficients, the JVM can."""
    from pyspark.ml.classification import LogisticRegressionModel

    java: Any = fitted._java_obj
    changed = _java_model(fitted.uid, coefficients, intercept)
    changed = java.copyValues(changed, java.extractParamMap())
    model: LogisticRegressionModel = LogisticRegressionModel._from_java(changed)
    return model


def _java_model(uid: str, coefficients: Any, intercept: float) -> Any:
    from pyspark import SparkContext
    from pyspark.ml.common import _py2java
    from pyspark.ml.linalg import Vectors

    context: Any = SparkContext._active_spark_context
    jvm: Any = SparkContext._jvm
    return jvm.org.apache.spark.ml.classification.LogisticRegressionModel(
        uid, _py2java(context, Vectors.dense(coefficients)), float(intercept)
    )


def _measured_by_spark(fitted: "LogisticRegressionModel", rows: "DataFrame") -> _Measured:
    from pyspark.ml.stat import Summarizer
    from pyspark.sql import functions

    features, weight = functions.col(fitted.getFeaturesCol()), functions.col(fitted.getWeightCol())
    measured = Summarizer.metrics("mean", "variance").summary(features, weight)
    spread, total = rows.select(measured, functions.sum(weight)).collect()[0]
    return _Measured(spread.mean.toArray(), np.sqrt(spread.variance.toArray()), float(total))


def _measured(rows: HeldRows) -> _Measured:
    total = float(rows.weights.sum())
    mean = rows.weights @ rows.features / total
    # Unbiased, as Spark has it.
    spread = rows.weights @ (rows.features - mean) ** 2
    free = total - float(rows.weights @ rows.weights) / total
    same = (rows.features == rows.features[0]).all(axis=0)
    deviation = np.sqrt(np.where(same, 0.0, spread / free if free > 0 else 0.0))
    return _Measured(mean, deviation, total)


def _sums_of(rows: HeldRows, mean: Array) -> Callable[[_Point], Array]:
    """Return what sums up these rows as `_sums_by_spark` does."""
    centred, side = rows.features - mean, 1 - 2 * rows.labels
    weight = np.sqrt(rows.weights)

    def sums(at: _Point) -> Array:
        odds = rows.features @ at.coefficients + at.intercept
        # Numbers that are too large end the steps.
        with np.errstate(over="ignore", invalid="ignore"):
            root = weight / (2 * np.cosh(odds / 2))
            residual = weight * side * np.exp(side * odds / 2)
            columns = np.column_stack([root[:, None] * centred, root, residual])
            found: Array = columns.T @ columns
        return found

    return sums


def _sums_by_spark(model: "LogisticRegressionModel", rows: "DataFrame", mean: Any) -> Array:
    """Return the loss's second derivatives by features and the intercept, its first beside them.

    They are sums over the rows, not yet divided, of features less their means. One pass sums the
    products of each row's columns with one another, of which the last makes those of the gradient.
    """
    from pyspark.ml.functions import array_to_vector, vector_to_array
    from pyspark.mllib.linalg.distributed import RowMatrix
    from pyspark.mllib.util import MLUtils
    from pyspark.sql.functions import col, cosh, exp, expr, sqrt

    odds = vector_to_array(col(model.getRawPredictionCol()))[1]
    weight, side = sqrt(col(model.getWeightCol())), 1 - 2 * col(model.getLabelCol())
    weighed = model.transform(rows).select(
        vector_to_array(col(model.getFeaturesCol())).alias("features"),
        # Squared it is p(1 - p), and times the other p - y; neither subtracts near numbers.
        (weight / (2 * cosh(odds / 2))).alias("root"),
        (weight * side * exp(side * odds / 2)).alias("residual"),
    )
    means = ", ".join(f"{each!r}D" for each in mean.tolist())
    features = f"zip_with(features, array({means}), (value, mean) -> root * (value - mean))"
    columns = expr(f"concat({features}, array(root, residual))")
    weighed = weighed.select(array_to_vector(columns).alias("columns"))
    vectors = MLUtils.convertVectorColumnsFromML(weighed)
    return RowMatrix(vectors, 0, len(mean) + 2).computeGramianMatrix().toArray()
