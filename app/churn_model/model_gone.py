"""Scores outlive their model: whether its version is still in MLflow, told beside them."""

import streamlit as st

from app.errors import sentence
from app.language import translate
from flows.churn.production.in_mlflow import has_registry, has_version
from flows.platform.tracking.client import mlflow_client
from flows.settings import load_settings

_REMEMBERED_SECONDS = 60


def tell_when_gone(version: str) -> None:
    """Tell that the version of scores is gone from MLflow, or that MLflow cannot say.

    It may wait for MLflow: call it when all else is shown.
    """
    if not has_registry(load_settings()):
        return  # asking MLflow would create its database
    found = _is_there(version)
    if isinstance(found, Exception):
        st.warning(sentence(found), icon=":material/cloud_off:")
    elif not found:
        st.warning(
            translate(
                "Model version {version} is not in MLflow any more; its scores and reasons are in "
                "the warehouse, and stay.",
                version=version,
            ),
            icon=":material/unpublished:",
        )


@st.cache_resource(ttl=_REMEMBERED_SECONDS, max_entries=3, show_spinner=False)
def _is_there(version: str) -> bool | Exception:
    """Return whether MLflow has the version, or what it raised.

    That is remembered, too: else each click on the page would wait for an MLflow that is silent.
    """
    try:
        return has_version(mlflow_client(load_settings()), version)
    except Exception as error:
        return error
