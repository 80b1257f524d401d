"""The form's fields: every declared feature once, in groups that fit a phone."""

import math
from typing import TYPE_CHECKING

import streamlit as st

from app.language import to_translate, translate
from flows.churn.features.definitions import FEATURES, Feature
from flows.churn.features.users_file import column_of

if TYPE_CHECKING:
    from flows.churn.model.registered_model import LinearModel

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


def groups() -> dict[str, list[Feature]]:
    """Return the features by group title; a new feature gets a group by itself."""
    found: dict[str, list[Feature]] = {
        title: [] for title in (_PAYMENTS, _USAGE, _BALANCES, _MARKETPLACE, _PERSON)
    }
    for feature in FEATURES:
        titles = [title for title, names in _GROUPS.items() if feature.name in names]
        fallback = _PAYMENTS if feature.source == "payments" else _PERSON
        found[titles[0] if titles else fallback].append(feature)
    return found


def field(feature: Feature, model: "LinearModel | None") -> float | None:
    """Show the feature's field, filled with the model's average user; return None for unknown."""
    key = f"feature {feature.name}"
    if key not in st.session_state:
        st.session_state[key] = average(feature, model)
    if feature.unit == "yes or no":
        return _question(feature, key)
    low, high = bounds(feature)
    whole = _is_whole(feature)
    value = st.number_input(
        label(feature),
        min_value=low if whole else float(low),
        max_value=high if whole else float(high),
        value=None,
        step=1 if whole else _step(feature),
        format="%d" if whole else "%.2f",
        key=key,
        help=usual(feature),
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


def usual(feature: Feature) -> str:
    """Return the feature's name in files, and its usual range."""
    low, high = feature.display_range
    return translate(
        "`{name}`: usually {low:g} to {high:g}. Empty means unknown.",
        name=feature.name,
        low=low,
        high=high,
    )


def bounds(feature: Feature) -> tuple[int, int]:
    """Return the smallest and largest value that the form accepts: never one invalid in a file."""
    column, (_, high) = column_of(feature), feature.display_range
    farthest = math.ceil(high * _TIMES_THE_USUAL)
    return (
        -farthest if column.minimum is None else column.minimum,
        farthest if column.maximum is None else column.maximum,
    )


def average(feature: Feature, model: "LinearModel | None") -> float | int | None:
    """Return the model's average user's value; without a model, the middle of the usual range."""
    terms = [term for term in model.terms if term.feature == feature.name] if model else []
    if feature.unit == "yes or no":
        return round(terms[0].mean) if terms else None
    value = sum(feature.display_range) / 2
    if terms:
        seen = terms[0].mean
        value = math.copysign(math.expm1(abs(seen)), seen) if terms[0].skewed else seen
    low, high = bounds(feature)
    value = min(max(value, low), high)
    return round(value) if _is_whole(feature) else round(value, 2)


def _question(feature: Feature, key: str) -> float | None:
    answer = st.radio(
        label(feature),
        list(_ANSWERS),
        format_func=lambda answer: translate(_ANSWERS[answer]),
        key=key,
        help=f"`{feature.name}`",
        horizontal=True,
        persist_state="session",
    )
    return None if answer is None else float(answer)


def _is_whole(feature: Feature) -> bool:
    return column_of(feature).type == "whole number"


def _step(feature: Feature) -> float:
    return 0.05 if feature.unit == "share" else 10.0
