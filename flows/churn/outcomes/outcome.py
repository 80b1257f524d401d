"""What is known of one day's scores: measured, estimated, or why neither."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from flows.churn.model.decisions.gains import gains
from flows.churn.model.decisions.threshold import contacts
from flows.churn.model.metrics import quality_of_some
from flows.churn.outcomes.estimate import estimated_auc, measured_auc
from flows.churn.outcomes.not_contacted import not_contacted
from flows.churn.outcomes.scored_days import Scored, ScoredDay
from flows.settings.churn import ChurnSettings

if TYPE_CHECKING:
    from flows.churn.model.metrics import Vector

Among = Literal["all", "active", "not contacted", "active, not contacted"]
Kind = Literal["realized", "estimated", "not measured"]


@dataclass(frozen=True)
class Outcome:
    """A row of dqm.bt_churn_outcomes, whose columns say what each field means."""

    as_of: date
    model_version: str
    among: Among
    kind: Kind
    last_day: date
    users: int
    churned: int | None = None
    expected_churned: float | None = None
    roc_auc: float | None = None
    roc_auc_low: float | None = None
    roc_auc_high: float | None = None
    expected_roc_auc: float | None = None
    calibration_error: float | None = None
    contacts: int | None = None
    precision_at_capacity: float | None = None
    lift_at_capacity: float | None = None
    why: str | None = None
    asks_for_training: str | None = None

    def __str__(self) -> str:
        what = f"Scores of {self.as_of} by version {self.model_version}, {self.among} users"
        if self.kind == "not measured":
            return f"{what}: not measured. {self.why}"
        if self.roc_auc is None:
            return f"{what}: {self.kind}, too few users for a ROC AUC."
        return (
            f"{what}: {self.kind} ROC AUC {self.roc_auc:.3f} "
            f"[{self.roc_auc_low:.3f}, {self.roc_auc_high:.3f}]."
        )


def outcomes(
    churn: ChurnSettings, day: ScoredDay, scored: Scored, kind: Kind, why: str | None = None
) -> list[Outcome]:
    """Return the outcome among all users, and among the active where they are known.

    Realized ones also without those whom a campaign contacted, if any: what became of these is the
    campaign's doing, too.
    """
    number = contacts(
        churn, int(scored.active.sum()) if scored.active is not None else len(scored.probability)
    )
    groups: dict[Among, Scored] = {"all": scored}
    if scored.active is not None and scored.active.any():
        groups["active"] = scored.among(scored.active)
    without: dict[Among, Among] = {"all": "not contacted", "active": "active, not contacted"}
    measure = {"realized": _realized, "estimated": _estimated, "not measured": _nothing}[kind]
    found: list[Outcome] = []
    for among, group in groups.items():
        everybody = {
            "users": len(group.probability),
            "expected_churned": float(group.probability.sum()),
            **measure(churn, group, number),
        }
        measured = {among: everybody}
        if kind == "realized" and group.reached and group.reached.contacted.any():
            measured[without[among]] = not_contacted(group, group.reached, number)
        found += [
            Outcome(day.as_of, day.version, name, kind, day.last_day, why=why, **values)
            for name, values in measured.items()
        ]
    return found


def _nothing(churn: ChurnSettings, scored: Scored, number: int) -> dict[str, Any]:
    return {}


def _realized(churn: ChurnSettings, scored: Scored, number: int) -> dict[str, Any]:
    auc = measured_auc(scored.churned, scored.probability)
    measured = quality_of_some(scored.churned, scored.probability)
    found = gains(scored.churned, scored.probability, 1.0, number)
    return {
        "churned": int(scored.churned.sum()),
        **(
            {"roc_auc": auc.roc_auc, "roc_auc_low": auc.low, "roc_auc_high": auc.high}
            if auc
            else {}
        ),
        "calibration_error": measured.calibration_error if measured else None,
        "contacts": found.capacity.users,
        "precision_at_capacity": found.capacity.precision,
        "lift_at_capacity": found.capacity.lift,
    }


def _estimated(churn: ChurnSettings, scored: Scored, number: int) -> dict[str, Any]:
    auc = estimated_auc(scored.probability, churn.seed)
    first = _highest(scored.probability, number)
    precision, rate = float(first.mean()), float(scored.probability.mean())
    return {
        **(
            {"roc_auc": auc.roc_auc, "roc_auc_low": auc.low, "roc_auc_high": auc.high}
            if auc
            else {}
        ),
        "contacts": len(first),
        "precision_at_capacity": precision,
        "lift_at_capacity": precision / rate if rate else None,
    }


def _highest(probability: "Vector", number: int) -> "Vector":
    return np.sort(probability)[::-1][:number]
