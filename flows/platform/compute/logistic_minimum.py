"""The very minimum of what Spark's logistic regression minimizes, however rows are partitioned."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pyspark.ml.classification import LogisticRegressionModel
    from pyspark.sql import DataFrame

# In standard deviations of a feature; the next step is about the square of such a one.
_SETTLED = 1e-6
_MOST_STEPS = 6
# With so little curvature beside the largest, columns say the same: any share of each is as good.
_FLAT = 1e-12


def at_minimum(fitted: "LogisticRegressionModel", rows: "DataFrame") -> "LogisticRegressionModel":
    """Return the model with those coefficients that minimize what it was fitted to minimize.

    `rows` are those of the fit, in its columns, with its weights; its inputs were standardized, its
    regularization is L2's, and it has an intercept. Spark stops where its loss no longer changes in
    double precision, which leaves half of a coefficient's digits to the order in which partitions
    were added up. From there, Newton's steps take one pass over the rows each; one or two will do.
    Where they do not settle, as without regularization between classes that a plane separates,
    which have no minimum, the model comes back as it is.
    """
    from pyspark.ml.stat import Summarizer
    from pyspark.sql import functions

    features, weight = functions.col(fitted.getFeaturesCol()), functions.col(fitted.getWeightCol())
    # As Spark standardizes.
    measured = Summarizer.metrics("mean", "variance").summary(features, weight)
    spread, total = rows.select(measured, functions.sum(weight)).collect()[0]
    mean, deviation = spread.mean.toArray(), np.sqrt(spread.variance.toArray())
    # The intercept last. Of a feature that does not vary, Spark makes nothing, and so do we.
    varies = np.append(deviation > 0, True)
    scale = np.append(np.where(deviation > 0, deviation, 1.0), 1.0)
    penalty = np.append(np.full(len(mean), fitted.getRegParam()), 0.0)
    reached = fitted
    for _ in range(_MOST_STEPS):
        sums = _sums(reached, rows, mean) / total
        curvature = sums[:-1, :-1] / np.outer(scale, scale) + np.diag(penalty)
        standardized = np.append(reached.coefficients.toArray(), 0.0) * scale
        slope = sums[:-1, -1] / scale + penalty * standardized
        if not (np.isfinite(curvature).all() and np.isfinite(slope).all()):
            break
        step = np.zeros(len(scale))
        step[varies] = -np.linalg.lstsq(
            curvature[np.ix_(varies, varies)], slope[varies], rcond=_FLAT
        )[0]
        *moved, by = step / scale
        reached = with_coefficients(
            reached,
            reached.coefficients.toArray() + moved,
            reached.intercept + by - float(np.dot(moved, mean)),
        )
        if np.abs(step).max() <= _SETTLED:
            return reached
    return fitted


def with_coefficients(
    fitted: "LogisticRegressionModel", coefficients: Any, intercept: float
) -> "LogisticRegressionModel":
    """Return that model with others; Python cannot make one of given coefficients, the JVM can."""
    from pyspark import SparkContext
    from pyspark.ml.classification import LogisticRegressionModel
    from pyspark.ml.common import _py2java
    from pyspark.ml.linalg import Vectors

    java: Any = fitted._java_obj
    context: Any = SparkContext._active_spark_context
    jvm: Any = SparkContext._jvm
    changed = jvm.org.apache.spark.ml.classification.LogisticRegressionModel(
        fitted.uid,
        _py2java(context, Vectors.dense(coefficients)),
        float(intercept),
    )
    changed = java.copyValues(changed, java.extractParamMap())
    model: LogisticRegressionModel = LogisticRegressionModel._from_java(changed)
    return model


def _sums(model: "LogisticRegressionModel", rows: "DataFrame", mean: Any) -> Any:
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
