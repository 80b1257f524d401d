"""How charts are shown: readable, and described for people who cannot see them."""

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import altair as alt

BLUE, RED, GREY = "#1a56b0", "#b3401a", "#5b6470"
_INK = "#333b45"


def show_chart(chart: "alt.Chart | alt.LayerChart", title: str) -> None:
    """Show the chart, called `title` by screen readers; the page says in words what it shows."""
    readable = chart.configure_axis(labelColor=_INK, titleColor=_INK).configure_legend(
        labelColor=_INK
    )
    st.altair_chart(readable, alt=title)
