"""What is kept of a training's users: one of them who is typical, and what is usual."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.model.logged.registry import register_version
from flows.churn.model.registered_model import LinearModel, Term
from flows.churn.model.training_users import UsualValues, describe_users, training_users
from flows.settings import Settings
from tests.churn.handmade_models import MODELS, Registry, users

AGE = Term("age", skewed=False, mean=40, deviation=12, coefficient=0.03)
SUM = Term("payments_sum", skewed=True, mean=4, deviation=2, coefficient=-0.5)
MODEL = LinearModel((AGE, SUM), intercept=0.7, threshold=0.45)


def made_up(rows: int, seed: int) -> pd.DataFrame:
    """Users of whom some things are unknown."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {"age": random.integers(18, 90, rows), "payments_sum": random.lognormal(5, 2, rows)}
    ).astype(float)
    table = table.mask(random.random(table.shape) < 0.2)
    return table.assign(user_id=range(1000, 1000 + rows), in_validation=False)


@pytest.mark.parametrize("seed", range(5))
def test_the_typical_user_is_the_medoid_as_the_model_sees_them(seed: int) -> None:
    table = made_up(200, seed)
    seen = pd.DataFrame(
        {
            "age": table["age"],
            "sum": np.log1p(table["payments_sum"]),
            "no age": table["age"].isna(),
            "no sum": table["payments_sum"].isna(),
        }
    ).astype(float)
    seen = seen.fillna(seen.mean())
    standard = (seen - seen.mean()) / seen.std()
    medoid = table.iloc[cdist(standard, standard, "sqeuclidean").sum(axis=1).argmin()]

    found = describe_users(table, MODEL).features

    expected = {name: round(medoid[name], 2) for name in ("age", "payments_sum")}
    assert {name: values.typical for name, values in found.items()} == expected


@pytest.mark.parametrize("seed", range(20))
def test_the_typical_user_is_within_what_is_usual(seed: int) -> None:
    for values in describe_users(made_up(7, seed), MODEL).features.values():
        assert values.typical is None or values.low <= values.typical <= values.high


def test_all_but_one_in_fifty_are_usual() -> None:
    table = made_up(10_000, seed=1)
    usual = describe_users(table, MODEL).features["payments_sum"]
    known = table["payments_sum"].dropna()
    assert ((known < usual.low) | (known > usual.high)).mean() == pytest.approx(0.02, abs=0.001)


def test_what_everybody_has_is_usual_to_the_digits_that_are_shown() -> None:
    table = made_up(3, seed=1).assign(age=40.0, payments_sum=1 / 3)
    assert describe_users(table, MODEL).features == {
        "age": UsualValues(40, 40, 40),
        "payments_sum": UsualValues(0.33, 0.34, 0.33),
    }


def test_of_two_users_one_is_typical() -> None:
    table = made_up(2, seed=3).assign(age=[20.0, 60.0], payments_sum=[1.0, np.nan])
    found = describe_users(table, MODEL)
    assert found.users == 2
    assert found.features["age"].typical in (20, 60)


def test_it_is_kept_with_the_model_and_names_nobody(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = Settings(home=tmp_path / "kpi")
    registry = Registry(settings, tmp_path_factory)
    for name in ("best", "old"):
        logged = registry.logged[name]
        register_version(registry.client, logged.model_uri, logged.mlflow_run_id, name)

    kept = training_users(settings, "1")

    assert kept == describe_users(users(), MODELS["best"])
    assert set(kept.features) == set(MODELS["best"].feature_names) <= set(FEATURE_NAMES)
    assert "user_id" not in json.dumps(kept, default=vars)
    # A model of before it was kept.
    assert training_users(settings, "2") is None
