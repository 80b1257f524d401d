"""Model: its card, how good it is, whether its probabilities hold, and how it came to be."""

import re

import streamlit as st

from app.churn_model.logged_model import LoggedModel, logged_model
from app.churn_model.production import show_production
from app.language import say, to_say
from app.warehouse import rows

_LINES = 50
_MEASURES = {
    "roc_auc": to_say("ROC AUC: how often a churner ranks above another user (0.5 is chance)"),
    "pr_auc": to_say("PR AUC: precision over all hit rates"),
    "log_loss": to_say("Log-loss: lower is better"),
    "brier": to_say("Brier score: lower is better"),
    "calibration_error": to_say("Calibration error: predicted against observed churn"),
    "rows": to_say("Users measured"),
    "churned": to_say("Users of them who churned"),
}
_WHOLE = ("rows", "churned")
_ACTIONS = {
    "promoted": to_say("promoted"),
    "skipped": to_say("skipped"),
    "rolled back": to_say("rolled back"),
}


def show() -> None:
    """Show the Production model, then the ledger of promotions."""
    production = show_production()
    if production is not None:
        _show_model(logged_model(production.mlflow_run_id))
    _show_history()


def _show_model(model: LoggedModel) -> None:
    st.header(say("How good it is"))
    if model.metrics:
        st.table(_measures(model.metrics), hide_index=True)
        st.caption(
            say(
                "Holdout: users that the training never saw. Recent: those of them who paid "
                "in the last 90 days."
            )
        )
    else:
        st.markdown(say("This version's training left no measures in MLflow."))
    st.header(say("Are its probabilities right?"))
    if model.calibration:
        error = model.metrics.get("holdout_calibration_error")
        words = say(
            "Predicted against observed churn, by tenths of the holdout: on the dashed line they "
            "are equal. They differ by {error} on average.",
            error=say("an unknown amount") if error is None else f"{error:.3f}",
        )
        st.image(model.calibration, alt=words, width=560)
        st.caption(words)
    else:
        st.markdown(say("This version's training left no calibration plot in MLflow."))
    st.header(say("Model card"))
    if model.card:
        # Its tables are wider than a phone.
        st.html("<style>.st-key-card [data-testid='stMarkdown'] {overflow-x: auto}</style>")
        with st.container(border=True, key="card"):
            # Its headings stand below the page's.
            st.markdown(re.sub("^#", "###", model.card, flags=re.MULTILINE))
    else:
        st.markdown(say("This version's training left no card in MLflow."))


def _measures(metrics: dict[str, float]) -> list[dict[str, str]]:
    return [
        {
            say("Measure"): say(meaning),
            say("Holdout"): _number(metrics.get(f"holdout_{name}"), name in _WHOLE),
            say("Recent"): _number(metrics.get(f"recent_{name}"), name in _WHOLE),
        }
        for name, meaning in _MEASURES.items()
    ]


def _number(value: float | None, whole: bool) -> str:
    if value is None:
        return say("unknown")
    return f"{value:,.0f}" if whole else f"{value:.3f}"


def _show_history() -> None:
    st.header(say("History of promotions"))
    lines = rows("churn/promotion/promotions.sql", limit=_LINES)
    if not lines:
        st.markdown(say("No version was judged yet: `kpi train` trains one."))
        return
    st.table(
        [
            {
                say("When"): f"{line['decided_at']:%Y-%m-%d %H:%M}",
                say("Version"): line["version"],
                say("What"): say(_ACTIONS[line["action"]]),
                say("Before"): line["former_version"] or "-",
                say("By"): line["decided_by"],
                say("Why"): " · ".join(line["reasons"]),
            }
            for line in lines
        ],
        hide_index=True,
    )


show()
