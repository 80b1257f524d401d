"""What campaigns changed: a row per day of scores that was acted on."""

from typing import Any

import streamlit as st

from app.language import translate
from app.warehouse import rows

_LINES = 20


def show_campaigns() -> None:
    """Show who churned of the contacted and of those held out; nothing without a campaign."""
    found = rows("app/churn_campaign_outcomes.sql", limit=_LINES)
    if not found:
        return
    st.subheader(translate("Contacted and held out"))
    st.table([_row(row) for row in found], hide_index=True)
    st.caption(
        translate(
            "Who churned of each group, and the difference with its 95 % interval (Newcombe): "
            "below 0, contacts kept users; an interval that holds 0 may be chance. It is the "
            "campaign's doing where chance decided who was held out."
        )
    )


def _row(row: dict[str, Any]) -> dict[str, str]:
    return {
        translate("Scored as of"): str(row["as_of"]),
        translate("Version"): row["model_version"],
        translate("Contacted, churned"): _share(row["contacted_churned"], row["contacted"]),
        translate("Held out, churned"): _share(row["control_churned"], row["control"]),
        translate("Difference"): "-"
        if row["difference"] is None
        else f"{row['difference']:+.1%} "
        f"[{row['difference_low']:+.1%}, {row['difference_high']:+.1%}]",
    }


def _share(churned: int, users: int) -> str:
    return f"{churned:,} / {users:,}" + (f" ({churned / users:.1%})" if users else "")
