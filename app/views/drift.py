"""Drift: how far the latest users are from the weeks before, and the report itself."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.charts import BLUE, RED, show_chart
from app.churn_model.drivers import meaning
from app.language import say
from app.warehouse import rows
from flows.platform.storage.object_store import is_kept, read_kept
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
            say(
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
    sentence = say(
        "On {day}, {drifted} of {columns} columns had drifted ({share:.0%}).",
        day=run["snapshot_day"],
        drifted=run["drifted_columns"],
        columns=run["columns"],
        share=run["drifted_share"],
    )
    week = say("The week counts as drifted.") if run["drifted_week"] else say("The week is quiet.")
    simulated = f"**{say('Simulated')}.** " if run["simulated"] else ""
    return f"{simulated}**{sentence} {week}**"


def _show_trend(runs: list[dict[str, Any]]) -> None:
    limit = load_settings().churn.drift_share
    title = say("Trend of the drifted share")
    st.header(title)
    words = say(
        "Share of drifted columns by snapshot. From {limit:.0%} on (dashed line) a week counts as "
        "drifted. Diamonds are simulated: they count towards nothing.",
        limit=limit,
    )
    show_chart(_trend(runs, limit), title)
    st.caption(words)
    with st.expander(say("The trend as a table")):
        st.table(
            [
                {
                    say("Snapshot"): str(run["snapshot_day"]),
                    say("Drifted columns"): f"{run['drifted_columns']} / {run['columns']}",
                    say("Share"): f"{run['drifted_share']:.0%}",
                    say("Counts as drifted"): say("Yes") if run["drifted_week"] else say("No"),
                    say("Data"): say("Simulated") if run["simulated"] else say("Real"),
                }
                for run in reversed(runs)
            ],
            hide_index=True,
        )


def _trend(runs: list[dict[str, Any]], limit: float) -> "alt.LayerChart":
    import altair as alt
    import pandas as pd

    data = pd.DataFrame(
        {
            "day": pd.to_datetime([run["snapshot_day"] for run in runs]),
            "share": [run["drifted_share"] for run in runs],
            "data": [say("Simulated") if run["simulated"] else say("Real") for run in runs],
        }
    )
    base = alt.Chart(data).encode(
        x=alt.X("yearmonthdate(day):T", title=say("Snapshot")),
        y=alt.Y(
            "share:Q",
            title=say("Share of drifted columns"),
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 1]),
        ),
        tooltip=["yearmonthdate(day):T", alt.Tooltip("share:Q", format=".0%"), "data:N"],
    )
    legend = alt.Legend(title=None, orient="top")
    names = [say("Real"), say("Simulated")]
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        shape=alt.Shape(
            "data:N", legend=legend, scale=alt.Scale(domain=names, range=["circle", "diamond"])
        ),
        color=alt.Color("data:N", legend=legend, scale=alt.Scale(domain=names, range=[BLUE, RED])),
    )
    line = base.mark_line(color=BLUE).transform_filter(alt.datum.data == names[0])
    rule = alt.Chart(pd.DataFrame({"limit": [limit]})).mark_rule(strokeDash=[6, 4])
    layers = [line, points, rule.encode(y="limit:Q")]
    return alt.LayerChart(layer=layers).properties(height=280)


def _show_columns(run: dict[str, Any]) -> None:
    st.header(say("Columns on {day}", day=run["snapshot_day"]))
    found = rows("app/drift_columns.sql", run_id=run["run_id"])
    st.table(
        [
            {
                say("Drifted"): say("Yes") if column["drifted"] else say("No"),
                say("Feature"): meaning(column["column_name"]),
                say("Distance"): f"{column['score']:.3f}",
                say("Drifted from"): f"{column['threshold']:g}",
                say("Method"): column["method"],
            }
            for column in found
        ],
        hide_index=True,
    )
    if run["left_out"]:
        left_out = ", ".join(meaning(name) for name in run["left_out"])
        st.caption(say("Left out, because nothing is known of them: {columns}.", columns=left_out))


def _show_report(run: dict[str, Any]) -> None:
    st.header(say("Report of {day}", day=run["snapshot_day"]))
    settings, address = load_settings(), run["report"]
    if not is_kept(settings, address):
        st.info(
            say("The report cannot be read from here; it was written to {path}.", path=address),
            icon=":material/info:",
        )
        return
    st.download_button(
        say("Download the report (HTML)"),
        lambda: read_kept(settings, address),
        file_name=PurePosixPath(address).name,
        mime="text/html",
        on_click="ignore",
    )
    # Five megabytes: nobody waits for them who did not ask.
    if st.toggle(say("Show the report here")):
        page = read_kept(settings, address).decode("utf-8")
        st.iframe(page, height=_REPORT_HEIGHT, alt=say("Drift report by Evidently, in English"))


show()
