"""Model: its card, how good and how calibrated it is, and how it was promoted."""

import re

import streamlit as st

from app.churn_model.judged.campaigns import show_campaigns
from app.churn_model.judged.outcomes import show_outcomes
from app.churn_model.logged_model import LoggedModel, logged_model
from app.churn_model.production import show_production
from app.language import to_translate, translate
from app.text import plain
from app.warehouse import rows

_LINES = 50
_MEASURES = {
    "roc_auc": to_translate(
        "ROC AUC: how often a churner ranks above another user (0.5 is chance)"
    ),
    "pr_auc": to_translate("PR AUC: precision over all hit rates"),
    "log_loss": to_translate("Log-loss: lower is better"),
    "brier": to_translate("Brier score: lower is better"),
    "calibration_error": to_translate("Calibration error: predicted against observed churn"),
    "lift_top_tenth": to_translate(
        "Lift of the top tenth: how many times as many of them churned as at random"
    ),
    "precision_at_capacity": to_translate("Precision at the capacity: contacted who churned"),
    "recall_at_capacity": to_translate("Recall at the capacity: churners who are contacted"),
    "flagged": to_translate("Users who count as churning"),
    "rows": to_translate("Users measured"),
    "churned": to_translate("Users of them who churned"),
}
_WHOLE = ("rows", "churned", "flagged")
# A training that measured the holdout, and had too few recent users, logged nothing of them.
_MEASURED, _RECENT = "holdout_rows", "recent_rows"
_ACTIONS = {
    "promoted": to_translate("promoted"),
    "skipped": to_translate("skipped"),
    "rolled back": to_translate("rolled back"),
    "accepted": to_translate("accepted"),
    "promoted by hand": to_translate("promoted by hand"),
    "archived by hand": to_translate("archived by hand"),
    "taken back": to_translate("taken back"),
}


def show() -> None:
    """Show the Production model, whether scores were right, then the ledger of promotions."""
    production = show_production()
    if production is not None:
        _show_model(logged_model(production.mlflow_run_id))
    show_outcomes()
    show_campaigns()
    _show_history()


def _show_model(model: LoggedModel) -> None:
    st.header(translate("How good it is"))
    if model.metrics:
        st.table(_measures(model.metrics), hide_index=True)
        st.caption(
            translate(
                "Holdout: users that the training never saw. Recent: those of them who paid "
                "in the last 90 days."
            )
        )
    else:
        st.markdown(translate("This version's training left no measures in MLflow."))
    st.header(translate("Are its probabilities right?"))
    if model.calibration:
        error = model.metrics.get("holdout_calibration_error")
        words = translate(
            "Predicted against observed churn, by deciles of the holdout: on the dashed line they "
            "are equal. They differ by {error} on average.",
            error=translate("an unknown amount") if error is None else f"{error:.3f}",
        )
        st.image(model.calibration, alt=words, width=560)
        st.caption(words)
    else:
        st.markdown(translate("This version's training left no calibration plot in MLflow."))
    st.header(translate("Model card"))
    if model.card:
        # Its tables are wider than a phone.
        st.html("<style>.st-key-card [data-testid='stMarkdown'] {overflow-x: auto}</style>")
        with st.container(border=True, key="card"):
            # Its headings rank below the page's.
            st.markdown(re.sub("^#", "###", model.card, flags=re.MULTILINE))
    else:
        st.markdown(translate("This version's training left no card in MLflow."))


def _measures(metrics: dict[str, float]) -> list[dict[str, str]]:
    return [
        {
            translate("Measure"): translate(meaning),
            translate("Holdout"): _number(metrics.get(f"holdout_{name}"), name in _WHOLE),
            translate("Recent"): _number(metrics.get(f"recent_{name}"), name in _WHOLE)
            if _RECENT in metrics or _MEASURED not in metrics
            else translate("too few users"),
        }
        for name, meaning in _MEASURES.items()
    ]


def _number(value: float | None, whole: bool) -> str:
    if value is None:
        return translate("unknown")
    return f"{value:,.0f}" if whole else f"{value:.3f}"


def _show_history() -> None:
    st.header(translate("History of promotions"))
    lines = rows("churn/production/promotions.sql", limit=_LINES)
    if not lines:
        st.markdown(translate("No version was judged yet: `kpi train` trains one."))
        return
    st.table(
        [
            {
                translate("When"): f"{line['decided_at']:%Y-%m-%d %H:%M}",
                translate("Version"): line["version"],
                translate("What"): translate(_ACTIONS[line["action"]]),
                translate("Before"): line["former_version"] or "-",
                translate("By"): plain(line["decided_by"]),
                translate("Why"): plain(" · ".join(line["reasons"])),
            }
            for line in lines
        ],
        hide_index=True,
    )


show()
