"""The form's fields: each feature that is asked for, in groups that fit a phone."""

import math
from collections.abc import Collection

import streamlit as st

from app.churn_model.form.usual import about
from app.language import to_translate, translate
from flows.churn.features.declaration import Feature
from flows.churn.features.definitions import FEATURES
from flows.churn.features.users_file import column_of
from flows.churn.model.training_users import TrainingUsers

Answers = dict[str, float | None]
"""A user's features; None where unknown."""

_PAYMENTS, _USAGE = to_translate("Payments"), to_translate("Use of the apps")
_BALANCES, _MARKETPLACE = to_translate("Balances"), to_translate("Marketplace")
_PERSON = to_translate("Person and others")
_GROUPS = {
    _USAGE: {"mau_mp_1", "mau_ml_1", "mau_ml_2", "login_recency_days"},
    _BALANCES: {"saldo_mes_actual", "saldo_mes_previo", "has_investment"},
    _MARKETPLACE: {"spent_ml", "frequency_ml", "recency_ml_days"},
}
_UNITS = {
    "payments": to_translate("payments"),
    "days": to_translate("days"),
    "decimal days": to_translate("days"),
    "money": to_translate("money"),
    "visits": to_translate("visits"),
    "users": to_translate("users"),
    "share": to_translate("share"),
    "years": to_translate("years"),
    "yes or no": to_translate("yes or no"),
}
_ANSWERS = {None: to_translate("Unknown"), 1: to_translate("Yes"), 0: to_translate("No")}
# A value beyond this is a typo.
_TIMES_THE_USUAL = 10


def groups(names: Collection[str]) -> dict[str, list[Feature]]:
    """Return the declared features of these names by group title; a new one has a group too."""
    found: dict[str, list[Feature]] = {
        title: [] for title in (_PAYMENTS, _USAGE, _BALANCES, _MARKETPLACE, _PERSON)
    }
    for feature in FEATURES:
        if feature.name not in names:
            continue
        titles = [title for title, features in _GROUPS.items() if feature.name in features]
        fallback = _PAYMENTS if feature.source == "payments" else _PERSON
        found[titles[0] if titles else fallback].append(feature)
    return {title: features for title, features in found.items() if features}


def key_of(feature: Feature) -> str:
    """Return the key of the feature's field in the session."""
    return f"feature {feature.name}"


def field(feature: Feature, users: TrainingUsers | None) -> float | None:
    """Show the feature's field, which the session has filled; return None for unknown."""
    if feature.unit == "yes or no":
        return _question(feature)
    low, high = bounds(feature, users)
    # A visitor's value may have been entered when another version knew larger ones.
    if (entered := st.session_state.get(key_of(feature))) is not None:
        low, high = min(low, math.floor(entered)), max(high, math.ceil(entered))
    whole = is_whole(feature)
    value = st.number_input(
        label(feature),
        min_value=low if whole else float(low),
        max_value=high if whole else float(high),
        value=None,
        step=1 if whole else _step(feature),
        format="%d" if whole else "%.2f",
        key=key_of(feature),
        help=about(feature, users),
        placeholder=translate("Unknown"),
        persist_state="session",
    )
    return None if value is None else float(value)


def label(feature: Feature) -> str:
    """Return what the feature is, with its unit unless the description names it."""
    meaning, unit = translate(feature.description), translate(_UNITS[feature.unit])
    if feature.unit == "yes or no" or unit in meaning.lower():
        return meaning
    return f"{meaning} ({unit})"


def bounds(feature: Feature, users: TrainingUsers | None) -> tuple[int, int]:
    """Return the smallest and largest value that the form accepts: never one invalid in a file."""
    column = column_of(feature)
    known = [abs(value) for value in feature.display_range]
    if users and (usual := users.features.get(feature.name)):
        known += [abs(usual.low), abs(usual.high)]
    farthest = math.ceil(max(known) * _TIMES_THE_USUAL)
    return (
        -farthest if column.minimum is None else column.minimum,
        farthest if column.maximum is None else column.maximum,
    )


def is_whole(feature: Feature) -> bool:
    """Return whether the feature is a whole number."""
    return column_of(feature).type == "whole number"


def _question(feature: Feature) -> float | None:
    answer = st.radio(
        label(feature),
        list(_ANSWERS),
        format_func=lambda answer: translate(_ANSWERS[answer]),
        key=key_of(feature),
        help=f"`{feature.name}`",
        horizontal=True,
        persist_state="session",
    )
    return None if answer is None else float(answer)


def _step(feature: Feature) -> float:
    return {"share": 0.05, "decimal days": 1.0}.get(feature.unit, 10.0)
