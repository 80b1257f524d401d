"""The form is made from the declared features."""

import math

import pytest

from app.churn_model import fields
from app.churn_model.fields import average, bounds, groups
from flows.churn.features.definitions import FEATURES, Feature, feature
from flows.churn.model.registered_model import LinearModel, Term
from tests.churn.handmade_models import MODELS


def test_every_feature_has_one_place() -> None:
    placed = [feature.name for features in groups().values() for feature in features]
    assert sorted(placed) == sorted(feature.name for feature in FEATURES)


def test_a_new_feature_has_a_place_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    new = Feature("pets", "Pets", "Mascotas", "users", "pets")
    monkeypatch.setattr(fields, "FEATURES", (*FEATURES, new))
    assert new in groups()["Person and others"]


@pytest.mark.parametrize("declared", FEATURES, ids=lambda feature: feature.name)
def test_the_form_takes_the_usual_range_and_the_average(declared: Feature) -> None:
    low, high = bounds(declared)
    assert low <= declared.display_range[0] < declared.display_range[1] <= high
    middle = average(declared, None)
    assert middle is None or low <= middle <= high


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("payments_last_30d", (0, 300)),
        ("saldo_mes_actual", (-200_000, 200_000)),
        ("discounted_share", (0, 1)),
        ("age", (0, 130)),
        ("has_card", (0, 1)),
    ],
)
def test_what_a_file_may_not_say_the_form_does_not_take(name: str, limits: tuple[int, int]) -> None:
    assert bounds(feature(name)) == limits


def test_the_average_user_is_the_models() -> None:
    model = MODELS["best"]
    assert average(feature("mau_mp_1"), model) == round(math.expm1(2.2))
    assert average(feature("login_recency_days"), model) == 15
    assert average(feature("age"), model) == 49
    # The model does not know this one.
    assert average(feature("payments_last_7d"), model) == 5


def test_a_negative_average_comes_back_from_its_logarithm() -> None:
    term = Term("saldo_mes_actual", skewed=True, mean=-3, deviation=1, coefficient=1)
    balance = average(feature(term.feature), LinearModel((term,), intercept=0, threshold=0.5))
    assert balance == round(-math.expm1(3), 2)


def test_the_unit_is_named_once() -> None:
    assert fields.label(feature("mau_mp_1")) == "Wallet visits in the last month"
    assert fields.label(feature("age")) == "Age (years)"
    assert fields.label(feature("has_card")) == "Has a card"
