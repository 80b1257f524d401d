"""How a model treats people of each gender and age: for the card, whether it reads them or not."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flows.churn.model.metrics import how_many, quality_of_some

if TYPE_CHECKING:
    import pandas as pd

    from flows.churn.model.metrics import Labels, Vector

_FEWEST = 20
_AGES = (("age under 30", 0, 30), ("age 30 to 49", 30, 50), ("age 50 and over", 50, 1000))


@dataclass(frozen=True)
class Group:
    """Users of the holdout; the figures of few users, or of one class, are None.

    `flagged` is the share that counts as churning.
    """

    name: str
    users: int
    churned: int | None = None
    flagged: float | None = None
    roc_auc: float | None = None
    calibration_error: float | None = None


def by_group(
    users: "pd.DataFrame",
    churned: "Labels",
    probability: "Vector",
    threshold: float,
    weight: "Vector | None" = None,
) -> list[Group]:
    """Measure each gender and band of ages that the files know.

    `users` has the columns age and gender_is_female; arrays have shape (users,), in its order.
    """
    female, age = users["gender_is_female"].to_numpy(), users["age"].to_numpy()
    members = {"gender F": female == 1, "gender M": female == 0}
    members |= {name: (age >= low) & (age < high) for name, low, high in _AGES}
    found = []
    for name, of_group in members.items():
        number = int(of_group.sum())
        if number < _FEWEST:
            found += [Group(name, number)] if number else []
            continue
        speak = None if weight is None else weight[of_group]
        measured = quality_of_some(churned[of_group], probability[of_group], speak)
        found.append(
            Group(
                name,
                how_many(of_group, weight),
                how_many(of_group & (churned == 1), weight),
                float(np.average(probability[of_group] >= threshold, weights=speak)),
                measured.roc_auc if measured else None,
                measured.calibration_error if measured else None,
            )
        )
    return found


def group_section(groups: list[Group], sensitive: str, cost: str | None) -> list[str]:
    """Return the card's section about groups, line by line.

    `sensitive` names the sensitive features; `cost` is what leaving them out costs, where they are.
    """
    said = (
        f"{sensitive} take part; KPI_CHURN__SENSITIVE_FEATURES=leave_out trains, scores and "
        "watches without them, and this place then says what that costs."
        if cost is None
        else f"{sensitive} take no part in training, scoring and drift. {cost}"
    )
    if not groups:
        return [
            "## Groups",
            "",
            said,
            "",
            "The files know no gender and no age of the holdout.",
            "",
        ]
    return [
        "## Groups",
        "",
        said,
        "",
        "| holdout | users | churned | flagged | ROC AUC | calibration error |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {group.name} | {group.users:,} | {_share(group.churned, group.users)} "
            f"| {_percent(group.flagged)} | {_number(group.roc_auc)} "
            f"| {_number(group.calibration_error)} |"
            for group in groups
        ),
        "",
    ]


def _share(churned: int | None, users: int) -> str:
    return _percent(None if churned is None else churned / users)


def _percent(value: float | None) -> str:
    return "too few users" if value is None else f"{value:.0%}"


def _number(value: float | None) -> str:
    return "too few users" if value is None else f"{value:.3f}"
