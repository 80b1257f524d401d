"""A version's own holdout, which outcomes are compared with; and outcomes on the version."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.churn.model.logged.registry import logged_by
from flows.churn.outcomes.estimate import auc_margin
from flows.churn.outcomes.outcome import Among, Outcome
from flows.churn.production.in_mlflow import MODEL, has_registry, is_gone, mlflow_answers
from flows.platform.tracking.client import mlflow_client
from flows.settings import Settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

logger = logging.getLogger(__name__)

_HOLDOUT: dict[Among, str] = {"all": "holdout", "active": "recent"}


@dataclass(frozen=True)
class Holdout:
    """How good a version was in its training, on users that it never saw.

    `estimated`: what its probabilities alone said of them; None for versions of before it was kept.
    `margin`: half the width of the 95 % interval of either; 0 where MLflow does not know how many
    users these were.
    """

    roc_auc: float
    margin: float
    estimated: float | None


def holdouts(settings: Settings, version: str) -> dict[Among, Holdout]:
    """Return the version's holdout, and its active users; nothing where MLflow knows none.

    Raises Unavailable where MLflow only does not answer: what it knows may be read later.
    """
    if not has_registry(settings):
        return {}
    unknown = "MLflow does not say how good Production was on its holdout"
    measured = logged_by(mlflow_client(settings), version, unknown).metrics
    return {
        among: _holdout(measured, name)
        for among, name in _HOLDOUT.items()
        if f"{name}_roc_auc" in measured
    }


def _holdout(measured: dict[str, float], name: str) -> Holdout:
    auc, churned = measured[f"{name}_roc_auc"], int(measured.get(f"{name}_churned", 0))
    stayed = int(measured.get(f"{name}_rows", 0)) - churned
    margin = auc_margin(auc, churned, stayed) if churned > 0 and stayed > 0 else 0.0
    return Holdout(auc, margin, measured.get(f"{name}_estimated_auc"))


def note_on_version(settings: Settings, found: Sequence[Outcome]) -> None:
    """Write realized outcomes of one version on it: tags of the last day, metrics of its run.

    A version, or a run, that is gone is told in the log: the warehouse has its outcomes. Raises
    Unavailable where MLflow only does not answer.
    """
    from mlflow.exceptions import MlflowException

    realized = [outcome for outcome in found if outcome.kind == "realized"]
    if not realized or not has_registry(settings):
        return
    version = realized[0].model_version
    with mlflow_answers("MLflow does not keep how good scores were"):
        client = mlflow_client(settings)
        try:
            noted = _note(client, version, realized)
        except MlflowException as error:
            if not is_gone(error):
                raise
            noted = False
    if not noted:
        logger.warning(
            "MLflow lost version %s of %s, or its run: its outcomes are in dqm.bt_churn_outcomes "
            "alone.",
            version,
            MODEL,
        )


def _note(client: "MlflowClient", version: str, realized: Sequence[Outcome]) -> bool:
    """Return whether the run takes metrics; one that was deleted, and may be restored, does not."""
    run_id = client.get_model_version(MODEL, version).run_id
    takes = not run_id or client.get_run(run_id).info.lifecycle_stage == "active"
    for outcome in realized:
        for name, value in _measures(outcome).items():
            client.set_model_version_tag(MODEL, version, name, f"{value:.6g}")
            if run_id and takes:
                # A step per day, so that MLflow draws how they go on.
                client.log_metric(run_id, name, value, step=outcome.as_of.toordinal())
    client.set_model_version_tag(MODEL, version, "realized_as_of", str(realized[-1].as_of))
    return takes


def _measures(outcome: Outcome) -> dict[str, float]:
    measures = {
        "roc_auc": outcome.roc_auc,
        "calibration_error": outcome.calibration_error,
        "lift_at_capacity": outcome.lift_at_capacity,
    }
    among = outcome.among.replace(", ", "_").replace(" ", "_")
    return {
        f"realized_{name}_{among}": value for name, value in measures.items() if value is not None
    }
