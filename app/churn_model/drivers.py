"""What moved one user's probability: as bars, in words, and as a table."""

import math
from typing import TYPE_CHECKING

import streamlit as st

from app.charts import BLUE, RED, show_chart
from app.language import digits, translate
from flows.churn.features.definitions import FEATURE_NAMES, feature

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

_SHOWN, _NAMED = 10, 3
_ROOM_FOR_AMOUNTS = 1.3
_BELOW = 8


def show_drivers(added: "pd.Series[float]", values: "pd.Series[float]", caption: str) -> None:
    """Show what each feature added, the strongest first; `caption` says in which unit."""
    ordered = added[added.abs().sort_values(ascending=False).index]
    rows = _rows(ordered, values)
    title = translate("What drives it")
    st.header(title)
    st.markdown(_in_words(rows))
    show_chart(_bars(rows.head(_SHOWN)), title)
    st.caption(caption)
    with st.expander(translate("Every driver as a table")):
        st.table(
            rows.drop(columns=["added", "called"]).rename(
                columns={
                    "feature": translate("Feature"),
                    "value": translate("Value"),
                    "text": translate("Adds"),
                    "effect": translate("Effect"),
                }
            ),
            hide_index=True,
        )


def _rows(added: "pd.Series[float]", values: "pd.Series[float]") -> "pd.DataFrame":
    import pandas as pd

    rows = []
    for name, amount in added.items():
        value = _value(str(name), values.get(name))
        rows.append(
            {
                "feature": meaning(name),
                "value": value,
                "called": f"{meaning(name)} ({value})",
                "added": amount,
                "text": f"{amount:+.2f}",
                "effect": _effect(amount),
            }
        )
    return pd.DataFrame(rows)


def _effect(added: float) -> str:
    if not added:
        return translate("changes nothing")
    return translate("raises churn") if added > 0 else translate("lowers churn")


def _bars(rows: "pd.DataFrame") -> "alt.LayerChart":
    import altair as alt

    farthest = float(rows["added"].abs().max()) * _ROOM_FOR_AMOUNTS or 1.0
    base = alt.Chart(rows).encode(
        y=alt.Y("called:N", sort=None, axis=None),
        x=alt.X(
            "added:Q",
            title=translate("← lowers churn · raises churn →"),
            scale=alt.Scale(domain=[-farthest, farthest]),
        ),
        tooltip=[alt.Tooltip("feature:N"), alt.Tooltip("value:N"), alt.Tooltip("text:N")],
    )
    bars = base.mark_bar(size=12, yOffset=_BELOW).encode(
        color=alt.condition("datum.added > 0", alt.value(RED), alt.value(BLUE))
    )
    # The name is above its bar, so that a phone has room for both. The amount is beside it:
    # colour says nothing that the text does not.
    names = base.mark_text(align="left", dy=-_BELOW, limit=320).encode(
        text="called:N", x=alt.value(0)
    )
    amounts = base.encode(text="text:N")
    right = amounts.mark_text(align="left", dx=4, dy=_BELOW).transform_filter("datum.added > 0")
    left = amounts.mark_text(align="right", dx=-4, dy=_BELOW).transform_filter("datum.added <= 0")
    return alt.LayerChart(layer=[bars, names, right, left]).properties(height=alt.Step(42))


def _in_words(rows: "pd.DataFrame") -> str:
    raising = rows.loc[rows["added"] > 0, "called"].head(_NAMED)
    lowering = rows.loc[rows["added"] < 0, "called"].head(_NAMED)
    nothing = translate("nothing")
    return translate(
        "Raised most by: {raising}. Lowered most by: {lowering}.",
        raising=", ".join(raising) or nothing,
        lowering=", ".join(lowering) or nothing,
    )


def meaning(name: object) -> str:
    """Return a feature's description, or its name when it is no longer declared."""
    try:
        return translate(feature(str(name)).description)
    except KeyError:
        return str(name)


def _value(name: str, value: "float | None") -> str:
    if value is None or math.isnan(value):
        return translate("Unknown")
    if name in FEATURE_NAMES and feature(name).unit == "yes or no":
        return translate("Yes") if value else translate("No")
    return digits(value)
