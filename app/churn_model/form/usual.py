"""What was usual among the users that the Production model was trained on."""

import streamlit as st

from app.language import digits, translate
from flows.churn.features.declaration import Feature
from flows.churn.model.training_users import TrainingUsers, training_users
from flows.platform.tracking.client import mlflow_client
from flows.settings import load_settings


@st.cache_resource(ttl="10m", max_entries=3, show_spinner=False)
def usual_users(version: str | None) -> TrainingUsers | None:
    """Return the users that a version was trained on; later, nobody typical who was forgotten.

    None without a version, and for one of before they were kept with the model.
    """
    if version is None:
        return None
    settings = load_settings()
    mlflow_client(settings)  # says where MLflow is
    return training_users(settings, version)


def about(feature: Feature, users: TrainingUsers | None) -> str:
    """Return the feature's name in files, and its usual range where that is known."""
    if users is None or feature.name not in users.features:
        return translate("`{name}`. Empty means unknown.", name=feature.name)
    usual = users.features[feature.name]
    return translate(
        "`{name}`: usually {low} to {high}. Empty means unknown.",
        name=feature.name,
        low=digits(usual.low),
        high=digits(usual.high),
    )
