"""The form is made from the declared features that a model reads."""

import pytest
from streamlit.testing.v1 import AppTest

from app.churn_model.form import fields
from app.churn_model.form.fields import bounds, groups
from flows.churn.features.declaration import Feature
from flows.churn.features.definitions import FEATURE_NAMES, FEATURES, feature
from flows.churn.model.training_users import TrainingUsers, UsualValues


def test_every_feature_has_one_place() -> None:
    placed = [feature.name for features in groups(FEATURE_NAMES).values() for feature in features]
    assert sorted(placed) == sorted(FEATURE_NAMES)


def test_what_is_not_read_is_not_asked() -> None:
    asked = groups(["age", "visits_to_help", "mau_mp_1"])
    assert {title: [feature.name for feature in found] for title, found in asked.items()} == {
        "Use of the apps": ["mau_mp_1"],
        "Person and others": ["age"],
    }


def test_a_new_feature_has_a_place_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    new = Feature("pets", "Pets", "Mascotas", "users", "pets")
    monkeypatch.setattr(fields, "FEATURES", (*FEATURES, new))
    assert new in groups(["pets"])["Person and others"]


@pytest.mark.parametrize("declared", FEATURES, ids=lambda feature: feature.name)
def test_the_form_takes_the_declared_range(declared: Feature) -> None:
    low, high = bounds(declared, None)
    assert low <= declared.display_range[0] < declared.display_range[1] <= high


def test_the_form_takes_what_is_usual_however_large_it_is() -> None:
    users = TrainingUsers(9, {"saldo_mes_actual": UsualValues(-5.0, 3_000_000.0, 7.0)})
    assert bounds(feature("saldo_mes_actual"), users) == (-30_000_000, 30_000_000)


def one_field() -> None:
    """A form of one field, for users whose highest balance the session names."""
    import streamlit as st

    from app.churn_model.form.fields import field
    from flows.churn.features.definitions import feature
    from flows.churn.model.training_users import TrainingUsers, UsualValues

    usual = UsualValues(0, st.session_state["highest"], 1)
    st.write(field(feature("saldo_mes_actual"), TrainingUsers(9, {"saldo_mes_actual": usual})))


def test_what_was_entered_stays_when_another_version_knows_smaller_values() -> None:
    app = AppTest.from_function(one_field, default_timeout=60)
    app.session_state["highest"] = 3_000_000
    app.run().number_input[0].set_value(20_000_000).run()
    app.session_state["highest"] = 10
    app.run()
    assert not app.exception
    assert app.markdown[0].value == "`20000000.0`"


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
    assert bounds(feature(name), None) == limits


def test_the_unit_is_named_once() -> None:
    assert fields.label(feature("mau_mp_1")) == "Wallet visits in the last month"
    assert fields.label(feature("age")) == "Age (years)"
    assert fields.label(feature("has_card")) == "Has a card"
