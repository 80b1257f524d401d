"""What the form is filled with: a typical user of the model's training, once a visit."""

from dataclasses import dataclass, field

import streamlit as st

from app.churn_model.fields import Answers, is_whole, key_of
from flows.churn.features.declaration import Feature
from flows.churn.model.training_users import TrainingUsers

_FILLED = "form filled"


@dataclass(frozen=True)
class Filling:
    """What the visitor found in the form, and the version whose typical user it is."""

    version: str | None
    answers: Answers = field(default_factory=dict)


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


def _typical(feature: Feature, users: TrainingUsers | None) -> float | int | None:
    usual = users.features.get(feature.name) if users else None
    if usual is None or usual.typical is None:
        return None
    whole = is_whole(feature) or feature.unit == "yes or no"
    return round(usual.typical) if whole else usual.typical
