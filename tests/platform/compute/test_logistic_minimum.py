"""A logistic regression in Spark that ends at its minimum, in whatever order the rows come."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from flows.platform.compute.logistic_minimum import HeldRows, at_minimum, begin_at, minimum_of
from flows.platform.compute.spark import spark_session, stop_spark
from flows.settings import Settings

if TYPE_CHECKING:
    from pyspark.ml.classification import LogisticRegressionModel
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.xdist_group("spark")

_ROWS, _SEED = 2000, 11
_SAME = 1e-10  # of coefficients up to 200


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    yield spark_session(Settings(home=tmp_path_factory.mktemp("spark")), "a test", _ROWS)
    stop_spark()


def made_up() -> pd.DataFrame:
    """Columns of many sizes, one twice, one that is always the same; some rows count threefold."""
    random = np.random.default_rng(_SEED)
    table = pd.DataFrame(random.normal(3, np.geomspace(0.01, 100, 6), (_ROWS, 6)))
    table.columns = pd.Index([f"x{number}" for number in table])
    table["rare"] = (random.random(_ROWS) < 0.01).astype(float)
    table["rare_again"] = table["rare"]
    table["always"] = 3.0
    odds = 0.7 * (table["x0"] - 3) / 0.01 - 1.1 * (table["x5"] - 3) / 100 + 2 * table["rare"] - 1.5
    table["label"] = (random.random(_ROWS) < 1 / (1 + np.exp(-odds))).astype(float)
    table["often"] = np.where(random.random(_ROWS) < 0.5, 1.0, 3.0)
    return table


def rows(spark: "SparkSession", table: pd.DataFrame, partitions: int) -> "DataFrame":
    """Those rows, in another order for each number of partitions."""
    from pyspark.ml.feature import VectorAssembler

    mixed = table.sample(frac=1, random_state=partitions)
    names = [str(name) for name in mixed]
    given = spark.createDataFrame(mixed.to_numpy().tolist(), names).repartition(partitions)
    *seen, _, _ = names
    return VectorAssembler(inputCols=seen, outputCol="features").transform(given).cache()


def fitted(given: "DataFrame", regularization: float) -> "LogisticRegressionModel":
    from pyspark.ml.classification import LogisticRegression

    model: LogisticRegressionModel = LogisticRegression(
        regParam=regularization, weightCol="often"
    ).fit(given)
    return model


def numbers(model: "LogisticRegressionModel") -> npt.NDArray[np.float64]:
    return np.append(model.coefficients.toArray(), model.intercept)


def by_another(table: pd.DataFrame, regularization: float) -> npt.NDArray[np.float64]:
    """What scikit-learn finds by Newton's method, which knows no partitions."""
    from sklearn.linear_model import LogisticRegression

    weight = table["often"].to_numpy()
    seen = table.drop(columns=["label", "often"]).to_numpy()
    mean = weight @ seen / weight.sum()
    # Unbiased, as Spark has it.
    variance = weight @ (seen - mean) ** 2 / (weight.sum() - (weight**2).sum() / weight.sum())
    deviation = np.where(variance > 0, np.sqrt(variance), 1)
    other: Any = LogisticRegression(
        C=1 / (regularization * weight.sum()), solver="newton-cholesky", tol=1e-13, max_iter=100
    ).fit((seen - mean) / deviation, table["label"], sample_weight=weight)
    raw = other.coef_[0] / deviation
    return np.append(raw, other.intercept_[0] - raw @ mean)


def test_it_is_the_minimum_however_rows_are_partitioned(spark: "SparkSession") -> None:
    table, found = made_up(), []
    expected = by_another(table, 0.001)
    for partitions in (1, 7):
        given = rows(spark, table, partitions)
        before = fitted(given, 0.001)
        # Else there would be nothing to do.
        assert np.abs(numbers(before) - expected).max() > 10 * _SAME
        found.append(at_minimum(before, given))
        np.testing.assert_allclose(numbers(found[-1]), expected, rtol=0, atol=_SAME)
    np.testing.assert_allclose(numbers(found[0]), numbers(found[1]), rtol=0, atol=_SAME)


def held(table: pd.DataFrame) -> HeldRows:
    seen = table.drop(columns=["label", "often"]).to_numpy()
    return HeldRows(seen, table["label"].to_numpy(), table["often"].to_numpy())


def test_rows_in_memory_have_the_same_minimum_without_spark(spark: "SparkSession") -> None:
    table = made_up()
    known = minimum_of(held(table), 0.001)
    assert known is not None
    found = np.append(*known)
    np.testing.assert_allclose(found, by_another(table, 0.001), rtol=0, atol=_SAME)
    before = fitted(rows(spark, table, 2), 0.001)
    np.testing.assert_allclose(numbers(at_minimum(before, held(table))), found, rtol=0, atol=_SAME)


def threads() -> set[int]:
    """How many NumPy multiplies with now."""
    found = threadpool_info()
    return {pool["num_threads"] for pool in found if "numpy" in pool["filepath"]}


def test_rows_in_memory_take_one_thread_and_leave_it_at_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solve, seen = np.linalg.lstsq, set()

    def noticed(*matrices: Any, rcond: float) -> Any:
        seen.update(threads())
        return solve(*matrices, rcond=rcond)

    monkeypatch.setattr(np.linalg, "lstsq", noticed)
    with threadpool_limits(2, "blas"):
        assert minimum_of(held(made_up()), 0.01)
        assert threads() == {2}
    assert seen == {1}


def test_spark_has_nothing_to_improve_at_the_minimum(spark: "SparkSession") -> None:
    from pyspark.ml.classification import LogisticRegression

    table = made_up()
    known = minimum_of(held(table), 0.001)
    assert known is not None
    regression = LogisticRegression(regParam=0.001, weightCol="often")
    begin_at(regression, *known)
    model = regression.fit(rows(spark, table, 2))
    assert model.summary.totalIterations == 0
    np.testing.assert_allclose(numbers(model), np.append(*known), rtol=0, atol=_SAME)


def test_rows_without_a_minimum_have_none_in_memory() -> None:
    table = made_up()
    assert minimum_of(held(table.assign(label=(table["x1"] > 3).astype(float))), 0.0) is None
    assert minimum_of(held(table.assign(label=1.0)), 0.001) is None


def test_columns_that_say_the_same_share_without_regularization(spark: "SparkSession") -> None:
    found = []
    for partitions in (1, 7):
        given = rows(spark, made_up(), partitions)
        found.append(numbers(at_minimum(fitted(given, 0.0), given)))
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=_SAME)
    *_, rare, again, always, _ = found[0]
    assert rare == pytest.approx(again, abs=_SAME)
    assert rare > 0
    assert always == 0


def test_without_a_minimum_the_model_stays(spark: "SparkSession") -> None:
    table = made_up()
    table["label"] = (table["x1"] > 3).astype(float)
    given = rows(spark, table, 2)
    before = fitted(given, 0.0)
    assert at_minimum(before, given) is before


def test_it_stays_a_model_of_spark(spark: "SparkSession") -> None:
    given = rows(spark, made_up(), 2)
    before = fitted(given, 0.001)
    after = at_minimum(before, given)
    assert after.getWeightCol() == "often"
    assert after.getRegParam() == before.getRegParam()
    probability = [row.probability[1] for row in after.transform(given).take(50)]
    log_odds = np.stack([row.features.toArray() for row in given.take(50)]) @ after.coefficients
    np.testing.assert_allclose(
        probability, 1 / (1 + np.exp(-log_odds - after.intercept)), atol=1e-12
    )
