"""What a training logged in MLflow for people to read."""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st

from flows.churn.production.in_mlflow import is_gone
from flows.platform.tracking.client import mlflow_client
from flows.settings import load_settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

_CARD, _CALIBRATION = "model_card.md", "calibration.png"
_PLOTS = "plots"


@dataclass(frozen=True)
class LoggedModel:
    """The card as markdown, the calibration plot as PNG, the measures; empty without them."""

    card: str | None = None
    calibration: bytes | None = None
    metrics: dict[str, float] = field(default_factory=dict)


@st.cache_resource(max_entries=3, show_spinner=False)
def logged_model(mlflow_run_id: str | None) -> LoggedModel:
    """Return what a training run logged, nothing of one that was deleted for good.

    It does not change afterwards.
    """
    from mlflow.exceptions import MlflowException

    if not mlflow_run_id:
        return LoggedModel()
    client = mlflow_client(load_settings())
    try:
        metrics = dict(client.get_run(mlflow_run_id).data.metrics)
    except MlflowException as error:
        if not is_gone(error):
            raise
        return LoggedModel()
    card = _artifact(client, mlflow_run_id, _CARD)
    return LoggedModel(
        card=card.decode() if card else None,
        calibration=_artifact(client, mlflow_run_id, _CALIBRATION, _PLOTS),
        metrics=metrics,
    )


def _artifact(
    client: "MlflowClient", mlflow_run_id: str, name: str, folder: str = ""
) -> bytes | None:
    path = f"{folder}/{name}".lstrip("/")
    there = {found.path for found in client.list_artifacts(mlflow_run_id, folder or None)}
    if path not in there:
        return None
    with TemporaryDirectory() as downloads:
        return Path(client.download_artifacts(mlflow_run_id, path, downloads)).read_bytes()
