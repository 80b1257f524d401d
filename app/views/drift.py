"""Drift: how far the latest users are from the weeks before, and the report itself."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.charts import BLUE, GREY, RED, show_chart
from app.churn_model.drivers import meaning
from app.language import translate
from app.warehouse import rows
from flows.churn.folders import drift_report
from flows.platform.storage.object_store import (
    object_address,
    object_exists,
    path_in_app,
    read_object,
)
from flows.settings import load_settings

if TYPE_CHECKING:
    import altair as alt

_RUNS = 104
_REPORT_HEIGHT = 900


def show() -> None:
    """Show the trend, the columns of the latest comparison, and its report on demand."""
    runs = rows("app/drift_runs.sql", limit=_RUNS)
    if not runs:
        st.info(
            translate(
                "No week was compared with earlier ones yet: `kpi drift` compares, from the second "
                "delivery on."
            ),
            icon=":material/info:",
        )
        return
    real = [run for run in runs if not run["simulated"]]
    latest = (real or runs)[0]
    st.markdown(_verdict(latest))
    _show_trend(list(reversed(runs)))
    _show_columns(latest)
    _show_report(latest)


def _verdict(run: dict[str, Any]) -> str:
    sentence = translate(
        "On {day}, {drifted} of {columns} columns had drifted ({share:.0%}).",
        day=run["snapshot_day"],
        drifted=run["drifted_columns"],
        columns=run["columns"],
        share=run["drifted_share"],
    )
    if run["drifted_week"]:
        week = translate("The week counts as drifted.")
    elif _comparable(run):
        week = translate("The week is quiet.")
    else:
        week = translate(
            "The week is not comparable, and counts for nothing: days of payments are missing, "
            "which the report names."
        )
    simulated = f"**{translate('Simulated')}.** " if run["simulated"] else ""
    return f"{simulated}**{sentence} {week}**"


def _comparable(run: dict[str, Any]) -> bool:
    return run["hole"] is None


def _show_trend(runs: list[dict[str, Any]]) -> None:
    limit = load_settings().churn.drift_share
    title = translate("Trend of the drifted share")
    st.header(title)
    words = translate(
        "Share of drifted columns by snapshot. From {limit:.0%} on (dashed line) a week counts as "
        "drifted. Diamonds are simulated: they count towards nothing.",
        limit=limit,
    )
    if not all(map(_comparable, runs)):
        words += " " + translate(
            "Crosses are not comparable, because days of payments are missing: nor do they."
        )
    show_chart(_trend(runs, limit), title)
    st.caption(words)
    with st.expander(translate("The trend as a table")):
        st.table(
            [
                {
                    translate("Snapshot"): str(run["snapshot_day"]),
                    translate("Drifted columns"): f"{run['drifted_columns']} / {run['columns']}",
                    translate("Share"): f"{run['drifted_share']:.0%}",
                    translate("Counts as drifted"): _counts(run),
                    translate("Data"): translate("Simulated")
                    if run["simulated"]
                    else translate("Real"),
                }
                for run in reversed(runs)
            ],
            hide_index=True,
        )


def _counts(run: dict[str, Any]) -> str:
    if not _comparable(run):
        return translate("Not comparable")
    return translate("Yes") if run["drifted_week"] else translate("No")


def _kind(run: dict[str, Any]) -> str:
    if run["simulated"]:
        return translate("Simulated")
    return translate("Real") if _comparable(run) else translate("Not comparable")


def _trend(runs: list[dict[str, Any]], limit: float) -> "alt.LayerChart":
    import altair as alt
    import pandas as pd

    data = pd.DataFrame(
        {
            "day": pd.to_datetime([run["snapshot_day"] for run in runs]),
            "share": [run["drifted_share"] for run in runs],
            "data": [_kind(run) for run in runs],
        }
    )
    base = alt.Chart(data).encode(
        x=alt.X("yearmonthdate(day):T", title=translate("Snapshot")),
        y=alt.Y(
            "share:Q",
            title=translate("Share of drifted columns"),
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 1]),
        ),
        tooltip=["yearmonthdate(day):T", alt.Tooltip("share:Q", format=".0%"), "data:N"],
    )
    legend = alt.Legend(title=None, orient="top")
    shapes = {
        translate("Real"): ("circle", BLUE),
        translate("Simulated"): ("diamond", RED),
        translate("Not comparable"): ("cross", GREY),
    }
    # A cross is explained where there is one: few ever have a hole in their payments.
    names = [*shapes][: 2 if all(map(_comparable, runs)) else 3]
    marks = alt.Scale(domain=names, range=[shapes[name][0] for name in names])
    colors = alt.Scale(domain=names, range=[shapes[name][1] for name in names])
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        shape=alt.Shape("data:N", legend=legend, scale=marks),
        color=alt.Color("data:N", legend=legend, scale=colors),
    )
    line = base.mark_line(color=BLUE).transform_filter(alt.datum.data == names[0])
    rule = alt.Chart(pd.DataFrame({"limit": [limit]})).mark_rule(strokeDash=[6, 4])
    layers = [line, points, rule.encode(y="limit:Q")]
    return alt.LayerChart(layer=layers).properties(height=280)


def _show_columns(run: dict[str, Any]) -> None:
    st.header(translate("Columns on {day}", day=run["snapshot_day"]))
    found = rows("app/drift_columns.sql", run_id=run["run_id"])
    st.table(
        [
            {
                translate("Drifted"): translate("Yes") if column["drifted"] else translate("No"),
                translate("Feature"): meaning(column["column_name"]),
                translate("Distance"): f"{column['score']:.3f}",
                translate("Drifted from"): f"{column['threshold']:.3f}",
                translate("Method"): column["method"],
            }
            for column in found
        ],
        hide_index=True,
    )
    if run["left_out"]:
        left_out = ", ".join(meaning(name) for name in run["left_out"])
        st.caption(
            translate("Left out, because nothing is known of them: {columns}.", columns=left_out)
        )


def _show_report(run: dict[str, Any]) -> None:
    st.header(translate("Report of {day}", day=run["snapshot_day"]))
    settings, address = load_settings(), run["report"]
    if not object_exists(settings, address):
        st.info(
            translate(
                "The report cannot be read from here; it was written to {path}.", path=address
            ),
            icon=":material/info:",
        )
        return
    st.download_button(
        translate("Download the report (HTML)"),
        lambda: read_object(settings, address),
        file_name=PurePosixPath(address).name,
        mime="text/html",
        on_click="ignore",
    )
    page = drift_report(settings, run["snapshot_day"], simulated=run["simulated"])
    if address not in (object_address(settings, page), str(page)):  # a path, from older versions
        return  # what the app does not serve, it does not show as its own
    # Five megabytes: only visitors who ask for it wait for it.
    if st.toggle(translate("Show the report here")):
        # By the route of all pages that flows write, which keeps their scripts out of the app.
        st.iframe(
            path_in_app(settings, page),
            height=_REPORT_HEIGHT,
            alt=translate("Drift report by Evidently, in English"),
        )


show()
