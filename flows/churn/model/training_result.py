"""A fitted candidate, as later steps and reports read it back."""

from dataclasses import dataclass, field
from pathlib import Path

from flows.churn.folders import churn_run_folder, read_result
from flows.churn.model.decisions.by_group import Group
from flows.churn.model.decisions.gains import Decision
from flows.churn.model.kinds.tried import Kind, Tried
from flows.churn.model.metrics import Quality
from flows.churn.run import ChurnRun
from flows.settings import Settings

TOO_FEW = "too few users"
"""Stands where a measure needs users who churned and users who stayed."""


@dataclass(frozen=True)
class Training:
    """A fitted candidate: where MLflow keeps it, and how it does on the holdout.

    `recent`: on holdout users who paid in the last 90 days, who are harder to predict and the
    target of most campaigns; None when they are all of one class. `payments_alone_roc_auc`: of a
    logistic regression on payments alone, `out_of_time_roc_auc` of one that was fitted one label
    window earlier, both on the users of the holdout who had paid; None when these, or those that
    it would learn from, are all of one class, the first also in results of before it was kept.
    `model_sha256`: of the document that holds the model; None in results of before it was kept,
    and so is `decision`: whom the model flags.
    `regularization`: None for a kind of model without one. `tried`: every kind that was fitted, on
    the same holdout, `kind` among them, the logistic regression first. `groups`: how the model
    treats genders and ages; `with_sensitive_roc_auc`: of a logistic regression with the sensitive
    features, where they are left out. `estimated_roc_auc`: what the probabilities alone say of the
    holdout, `recent_estimated_roc_auc` of the recent ones, which later estimates are compared with.
    """

    mlflow_run_id: str
    model_uri: str
    regularization: float | None
    threshold: float
    holdout: Quality
    recent: Quality | None
    out_of_time_roc_auc: float | None
    payments_alone_roc_auc: float | None = None
    model_sha256: str | None = None
    decision: Decision | None = None
    groups: list[Group] = field(default_factory=list)
    with_sensitive_roc_auc: float | None = None
    estimated_roc_auc: float | None = None
    recent_estimated_roc_auc: float | None = None
    kind: Kind = "logistic regression"
    tried: list[Tried] = field(default_factory=list)

    @property
    def others(self) -> list[Tried]:
        """The kinds that did not become the candidate."""
        return [each for each in self.tried if each.kind != self.kind]


def trained(settings: Settings, run: ChurnRun) -> Training:
    """Return what `train_spark_model` made for this run; raise BadInput before it ran."""
    path = training_summary(settings, run)
    return read_result(path, Training, run, "model", "train_spark_model")


def training_summary(settings: Settings, run: ChurnRun) -> Path:
    """The file that holds this run's training."""
    return churn_run_folder(settings, run.run_id) / "training.json"
