"""Whether scores were right: a row per day, version and group of users."""

from typing import Any

import streamlit as st

from app.language import to_translate, translate
from app.text import plain
from app.warehouse import rows

_LINES = 60
_KINDS = {
    "realized": to_translate("measured"),
    "estimated": to_translate("estimated"),
    "not measured": to_translate("not measured"),
}
_AMONG = {
    "all": to_translate("all"),
    "active": to_translate("active"),
    "not contacted": to_translate("not contacted"),
    "active, not contacted": to_translate("active, not contacted"),
}


def show_outcomes() -> None:
    """Show what was measured and estimated of past scores, and why it was not."""
    st.header(translate("Was it right?"))
    found = rows("app/churn_outcomes.sql", limit=_LINES)
    if not found:
        st.markdown(
            translate(
                "No scores were compared with what happened yet: `kpi drift` does so, once there "
                "are scores."
            )
        )
        return
    for row in found:
        if row["asks_for_training"]:
            st.warning(plain(row["asks_for_training"]), icon=":material/model_training:")
            break
    st.table([_row(row) for row in found], hide_index=True)
    st.caption(
        translate(
            "Measured once the days after the scores are over. Estimated, before that, from the "
            "probabilities alone (CBPE), to be believed only while these are calibrated. In "
            "brackets, 95 % intervals; those of estimates know nothing of a change that left the "
            "features as they were. Active users had paid in the 90 days before. Where a campaign "
            "contacted users, the model is judged by those whom it did not contact: held-out users "
            "count for those whom it did. The figures of all include what the campaign changed."
        )
    )
    for why in dict.fromkeys(row["why"] for row in found if row["why"]):
        st.caption(plain(why))


def _row(row: dict[str, Any]) -> dict[str, str]:
    return {
        translate("Scored as of"): str(row["as_of"]),
        translate("Version"): row["model_version"],
        translate("Users"): f"{row['users']:,} {translate(_AMONG[row['among']])}",
        translate("How"): translate(_KINDS[row["kind"]]),
        "ROC AUC": _interval(row),
        translate("Churned / expected"): f"{_count(row['churned'])} / "
        f"{_count(row['expected_churned'])}",
        translate("Calibration error"): _number(row["calibration_error"]),
        translate("Lift at the capacity"): _number(row["lift_at_capacity"]),
    }


def _interval(row: dict[str, Any]) -> str:
    if row["roc_auc"] is None:
        return "-"
    return f"{row['roc_auc']:.3f} [{row['roc_auc_low']:.3f}, {row['roc_auc_high']:.3f}]"


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
