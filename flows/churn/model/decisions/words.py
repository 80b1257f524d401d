"""A decision in words: for the model card and for the report of a training."""

from flows.churn.model.decisions.gains import Contacted, Decision, Gains
from flows.churn.model.metrics import Confusion

_RULES = {
    "capacity": "as many as a campaign can contact",
    "cost": "the largest gain, by what a contact costs and keeps",
    "f1": "the largest F1",
}
_AMONG = {
    "active": "users who paid in the last 90 days",
    "all": "all users, for too few of them paid in the last 90 days",
}


def decision_section(found: Decision, confusion: Confusion) -> list[str]:
    """Return the card's section about the decision, line by line."""
    groups = {"all": found.everybody} | ({"active": found.active} if found.active else {})
    return [
        "## Decision",
        "",
        f"From a probability of {found.threshold:.2f} on a user counts as churning: "
        f"{_RULES[found.rule]}, among {_AMONG[found.among]}, none of whom took part in the choice "
        f"of coefficients. On the holdout: {confusion.true_positives:,} churners found, "
        f"{confusion.false_negatives:,} missed, {confusion.false_positives:,} false alarms.",
        "",
        *([f"**{found.warning}**", ""] if found.warning else []),
        "| holdout | contacted | churned | precision | recall | lift |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            _row(f"{name}, {what}", contacted)
            for name, group in groups.items()
            for what, contacted in (
                ("at the threshold", group.flagged),
                ("at the capacity", group.capacity),
            )
        ),
        "",
        "By tenth, most likely to churn first: how many times as many churned as at random, and "
        "which share of all who churned was found so far.",
        "",
        "| tenth | " + " | ".join(f"{name}: lift | {name}: found" for name in groups) + " |",
        "|---:|" + "---:|---:|" * len(groups),
        *(
            f"| {place + 1} | "
            + " | ".join(_tenth(group, place) for group in groups.values())
            + " |"
            for place in range(max(len(group.tenths) for group in groups.values()))
        ),
        "",
    ]


def gain_rows(found: Decision) -> list[dict[str, object]]:
    """Return the tenths as rows of a table, active users beside all."""
    groups = {"all": found.everybody} | ({"active": found.active} if found.active else {})
    return [
        {
            "users": name,
            "tenth": place + 1,
            "churned": tenth.churned,
            "lift": round(tenth.lift, 3),
            "found so far": round(group.so_far[place].recall, 3),
        }
        for name, group in groups.items()
        for place, tenth in enumerate(group.tenths)
    ]


def _row(what: str, contacted: Contacted) -> str:
    # Of nobody, neither is known: 0 % would say that all of them stayed.
    precision = f"{contacted.precision:.1%}" if contacted.users else "-"
    lift = f"{contacted.lift:.2f}" if contacted.users else "-"
    return (
        f"| {what} | {contacted.users:,} | {contacted.churned:,} | {precision} "
        f"| {contacted.recall:.1%} | {lift} |"
    )


def _tenth(group: Gains, place: int) -> str:
    if place >= len(group.tenths):
        return " | "
    return f"{group.tenths[place].lift:.2f} | {group.so_far[place].recall:.1%}"
