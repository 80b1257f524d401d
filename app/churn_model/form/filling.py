"""What the form is filled with: a typical user of the model's training, once a visit."""

import math
from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from app.churn_model.form.fields import Answers, is_whole, key_of
from flows.churn.features.declaration import Feature
from flows.churn.features.definitions import FEATURES
from flows.churn.model.training_users import TrainingUsers

_FILLED = "form filled"


@dataclass(frozen=True)
class Filling:
    """What the visitor found in the form, and the version whose typical user it is.

    Or `user`: the one whom the visitor looked up, as that user was on `day`.
    """

    version: str | None
    answers: Answers = field(default_factory=dict)
    user: int | None = None
    day: date | None = None


def fill(features: list[Feature], version: str | None, users: TrainingUsers | None) -> Filling:
    """Fill the fields that have no value yet, and return what the form was filled with.

    With the typical user of the version that is Production when the form is first shown. Later,
    what stands in the form is the visitor's: what another version asks as well is unknown.
    """
    filled: Filling | None = st.session_state.get(_FILLED)
    if filled is None:
        filled = Filling(version, {item.name: _typical(item, users) for item in features})
        st.session_state[_FILLED] = filled
    for item in features:
        if key_of(item) not in st.session_state:
            st.session_state[key_of(item)] = filled.answers.get(item.name)
    return filled


def fill_with(user: int, day: date, version: str, described: Answers) -> None:
    """Fill every field with what is known of a user on a day, whatever stands in it."""
    answers = {
        item.name: _cell(item, described[item.name]) for item in FEATURES if item.name in described
    }
    st.session_state[_FILLED] = Filling(version, answers, user, day)
    for item in FEATURES:
        st.session_state[key_of(item)] = answers.get(item.name)


def _cell(feature: Feature, value: float | None) -> float | int | None:
    if value is None or math.isnan(value):
        return None
    return round(value) if is_whole(feature) or feature.unit == "yes or no" else value


def _typical(feature: Feature, users: TrainingUsers | None) -> float | int | None:
    usual = users.features.get(feature.name) if users else None
    return _cell(feature, usual.typical if usual else None)
