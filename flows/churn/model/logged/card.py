"""The model card: what a model is for, what it was trained on, and how far to trust it."""

from flows.churn.features.definitions import SENSITIVE
from flows.churn.features.feature_engineering import FeatureTable
from flows.churn.model.challengers.words import LIMITS, tried_section
from flows.churn.model.decisions.by_group import group_section
from flows.churn.model.decisions.words import decision_section
from flows.churn.model.metrics import Confusion, Quality
from flows.churn.model.training_result import TOO_FEW, Training
from flows.churn.run import ChurnRun
from flows.churn.sources.contract import PAYMENTS
from flows.churn.sources.joins import Joins
from flows.errors import count_of

_FORBIDDEN = "## What it must not be used for"
_CUT = "\n\n*Cut here: model_card.md, among the artifacts, has the rest.*\n\n"


def as_description(card: str, length: int) -> str:
    """Return at most so many characters of the card, which always end with what it must not do."""
    if len(card) <= length:
        return card
    end = card[card.index(_FORBIDDEN) :]
    whole_lines, _, _ = card[: length - len(_CUT) - len(end)].rpartition("\n")
    return f"{whole_lines}{_CUT}{end}"


def model_card(
    run: ChurnRun,
    table: FeatureTable,
    training: Training,
    strongest: list[str],
    confusion: Confusion,
    left_out: tuple[str, ...] = (),
) -> str:
    """Return the card as markdown.

    `strongest` are the lines about the strongest features; `left_out`, the sensitive features that
    take no part.
    """
    return "\n".join(
        [
            f"# Churn model, trained as of {run.as_of}",
            "",
            f"Estimates the probability that a user makes no payment in the {run.label_days} days "
            "after a day, from what is known on that day. Meant for choosing whom a retention "
            "campaign contacts; not for decisions that hurt a user.",
            "",
            "## Data",
            "",
            f"- {count_of(table.users, 'user')} as of {table.cutoff}; {table.churned:,} "
            f"({table.churned / table.users:.0%}) made no payment up to {run.as_of}.",
            f"- Features read {table.lookback_days} days of payments up to {table.cutoff}, and "
            "files that describe users no later than that day.",
            *_earlier_snapshots(table),
            *_who_is_known(table.joins),
            *_who_was_contacted(table),
            f"- Dataset {table.dataset_sha256[:12]} (lineage.json has each file's SHA-256).",
            f"- Nothing was known about: {', '.join(table.empty_features) or 'no feature'}.",
            "",
            "## Quality",
            "",
            "| users | rows | churned | ROC AUC | PR AUC | log-loss | Brier | calibration error |",
            "|---|---:|---:|---:|---:|---:|---:|---:|",
            _row("holdout: never trained on", training.holdout),
            _row("of them, paid in the last 90 days", training.recent),
            "",
            f"What {run.label_days} days of ageing cost: of two logistic regressions on payments "
            f"alone, the one fitted now has a ROC AUC of {_auc(training.payments_alone_roc_auc)}, "
            f"the one fitted {run.label_days} days earlier "
            f"{_auc(training.out_of_time_roc_auc)}, both on users of the holdout who had paid. (Of "
            "an earlier day nothing else is known, and nobody else.)",
            "",
            *tried_section(training),
            *(decision_section(training.decision, confusion) if training.decision else []),
            *group_section(training.groups, " and ".join(SENSITIVE), _cost(training, left_out)),
            "## Strongest features",
            "",
            *strongest,
            "",
            _FORBIDDEN,
            "",
            "- Decisions that hurt a user: prices, credit, access, or the end of a service.",
            "- Users unlike those above, or days after a change of what users do, before the "
            "drift report and the outcomes of its scores were looked at.",
            "- Saying what a contact changes: it says who leaves, not whom a contact keeps. A "
            "campaign's control group says that.",
            "- Treating people by age or gender, or by what stands for them: see the groups.",
            "",
            "## Limits",
            "",
            f"{LIMITS[training.kind]} It knows nothing of prices, campaigns or holidays. Look at "
            "the drift report before using it on users unlike those above.",
            "",
        ]
    )


def _auc(roc_auc: float | None) -> str:
    return f"({TOO_FEW})" if roc_auc is None else f"{roc_auc:.3f}"


def _cost(training: Training, left_out: tuple[str, ...]) -> str | None:
    if not left_out:
        return None
    compared = (
        "A Production that was trained with them is compared without them: each user as the "
        "average one of its training."
    )
    whole = training.with_sensitive_roc_auc
    if whole is None:
        return f"The files know none of them. {compared}"
    without = training.tried[0] if training.tried else training
    lost = whole - without.holdout.roc_auc
    of_which = "" if training.kind == "logistic regression" else " of a logistic regression"
    return (
        f"With them, the holdout's ROC AUC{of_which} would be {whole:.3f}: leaving them out costs "
        f"{lost:.3f}. {compared}"
    )


def _earlier_snapshots(table: FeatureTable) -> list[str]:
    if not table.earlier_cutoffs:
        return []
    days = ", ".join(map(str, table.earlier_cutoffs))
    return [
        f"- Users outside the holdout also teach as they were on {days}, from files that describe "
        "them no later than that day."
    ]


def _who_is_known(joins: Joins) -> list[str]:
    payers = PAYMENTS.name
    if payers not in joins.shared:
        return []
    shares = ", ".join(f"{name} {joins.share(payers, name):.0%}" for name in joins.shared[payers])
    return [
        f"- Of the users who ever paid, each file knows: {shares}.",
        f"- {count_of(joins.never_paid, 'user')} of these files never paid.",
    ]


def _who_was_contacted(table: FeatureTable) -> list[str]:
    if not table.contacted:
        return []
    who = (
        f"- {count_of(table.contacted, 'user')} whom campaigns contacted in the label window, or "
        "less than its length before, take no part: what they did teaches what contacts do, not "
        "who churns without one."
    )
    if table.unspoken == table.contacted:
        return [
            f"{who} Nobody was held out to speak for them: base rate, threshold, capacity, gains, "
            "lift and ROC AUC speak for the other users alone."
        ]
    some = (
        f" For {table.unspoken:,} of the contacted nobody was held out: of them the figures say "
        "nothing."
        if table.unspoken
        else ""
    )
    return [
        f"{who} Held out, and speaking for them: {count_of(table.held_out, 'user')}, each of whom "
        f"counts as several in the regression, the threshold and all that is measured.{some}"
    ]


def _row(users: str, quality: Quality | None) -> str:
    if quality is None:
        return f"| {users} | {TOO_FEW} |  |  |  |  |  |  |"
    return (
        f"| {users} | {quality.rows:,} | {quality.churned:,} | {quality.roc_auc:.3f} "
        f"| {quality.pr_auc:.3f} | {quality.log_loss:.3f} | {quality.brier:.3f} "
        f"| {quality.calibration_error:.3f} |"
    )
