"""The kinds of model that were tried, in words and figures: for the model card and for MLflow."""

from collections.abc import Hashable
from typing import TYPE_CHECKING

from flows.churn.features.definitions import feature
from flows.churn.model.kinds.tried import Kind, Tried
from flows.churn.model.registered_model import LinearModel
from flows.churn.model.training_result import TOO_FEW, Training

if TYPE_CHECKING:
    import pandas as pd

    from flows.churn.model.model_document import ServedModel

LIMITS: dict[Kind, str] = {
    "logistic regression": "A logistic regression: effects add up, correlated features share "
    "theirs.",
    "gradient-boosted trees": "Gradient-boosted trees: a feature's effect depends on the others, "
    "and beyond the values of the training it stays what it was at their edge.",
    "BG/NBD": "BG/NBD: it knows on how many days users paid, the first and the last of them, and "
    "nothing else.",
}

_LISTED = 10


def tried_section(training: Training) -> list[str]:
    """Return the card's section about the kinds that were tried, line by line; none for one."""
    if not training.others:
        return []
    return [
        "## Kinds of model that were tried",
        "",
        f"All were measured on the same holdout, and this is the {training.kind}. Another kind "
        "than the first is taken where it tells users apart better by what a promotion asks for. "
        "Its figures are then a little too good: the best of several is partly luck.",
        "",
        "| kind | ROC AUC | PR AUC | log-loss | calibration error | ROC AUC, active | lift of the "
        "top tenth, active |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(_row(one) for one in training.tried),
        "",
    ]


def tried_measures(training: Training) -> dict[str, float]:
    """Return each kind's figures as MLflow's metrics; none where one kind was fitted."""
    if not training.others:
        return {}
    measures: dict[str, float] = {}
    for one in training.tried:
        name = one.kind.lower().replace(" ", "_").replace("-", "_").replace("/", "_")
        measures[f"{name}_holdout_roc_auc"] = one.holdout.roc_auc
        measures[f"{name}_holdout_log_loss"] = one.holdout.log_loss
        measures[f"{name}_holdout_calibration_error"] = one.holdout.calibration_error
        if one.recent and one.lift is not None:
            measures[f"{name}_recent_roc_auc"] = one.recent.roc_auc
            measures[f"{name}_recent_lift_top_tenth"] = one.lift
    return measures


def strongest_section(model: "ServedModel", contributions: "pd.DataFrame") -> list[str]:
    """Return the card's table of the features that move the model most, line by line."""
    if isinstance(model, LinearModel):
        means = "Change of the log-odds when the feature grows by one standard deviation."
        changes: dict[Hashable, float] = {
            term.feature: term.coefficient * term.deviation for term in model.terms
        }
        form = "+.2f"
    else:
        means = "Mean change of the log-odds, up or down, against the average user."
        changes = {name: float(added.abs().mean()) for name, added in contributions.items()}
        form = ".2f"
    strongest = sorted(changes, key=lambda name: abs(changes[name]), reverse=True)
    return [
        means,
        "",
        "| feature | meaning | change |",
        "|---|---|---:|",
        *(
            f"| {name} | {feature(str(name)).description} | {format(changes[name], form)} |"
            for name in strongest[:_LISTED]
        ),
    ]


def _row(one: Tried) -> str:
    recent = f"{one.recent.roc_auc:.3f} | {one.lift:.2f}" if one.recent else f"{TOO_FEW} | "
    return (
        f"| {one.kind} | {one.holdout.roc_auc:.3f} | {one.holdout.pr_auc:.3f} "
        f"| {one.holdout.log_loss:.3f} | {one.holdout.calibration_error:.3f} | {recent} |"
    )
