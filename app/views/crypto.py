"""Crypto KPIs: what is published, what is rejected, and how fresh it is."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from app.charts import BLUE, show_chart
from app.language import translate
from app.warehouse import Published, hours_since, last_run, published, rows
from flows.crypto_events.contract import reasons_in_words
from flows.platform.storage.layout import data_docs_index
from flows.platform.storage.object_store import object_address, object_exists, path_in_app
from flows.settings import load_settings

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

_PERIODS = (7, 30, 90, 365)
_USUAL_PERIOD = 30


def show() -> None:
    """Show freshness, the period's KPIs, open rejects, the last run and where the Data Docs are."""
    run = last_run()
    _show_freshness(run)
    days = st.selectbox(
        translate("Period"),
        _PERIODS,
        index=_PERIODS.index(_USUAL_PERIOD),
        format_func=lambda days: translate("{days} days up to the last published one", days=days),
        key="period",
        persist_state="session",
    )
    found = published(days)
    if found is None:
        st.info(
            translate("No event is published yet: `kpi run` publishes."), icon=":material/info:"
        )
    else:
        _show_kpis(found)
    _show_rejects()
    if run is not None:
        _show_run(run)
    _show_data_docs()


def _show_freshness(run: dict[str, Any] | None) -> None:
    if run is None or run["last_published_at"] is None:
        st.info(
            translate("Nothing was ever published: `kpi run` publishes."), icon=":material/info:"
        )
        return
    hours, target = hours_since(run["last_published_at"]), load_settings().crypto.freshness_hours
    if hours <= target:
        st.success(
            translate(
                "Fresh: published {hours:.1f} hours ago; at most {target:g} are fine.",
                hours=hours,
                target=target,
            ),
            icon=":material/check_circle:",
        )
    else:
        st.error(
            translate(
                "Late: published {hours:.1f} hours ago; at most {target:g} are fine.",
                hours=hours,
                target=target,
            ),
            icon=":material/schedule:",
        )


def _show_kpis(found: Published) -> None:
    events, value = int(found.rows["events"].sum()), found.rows["value"].sum()
    st.caption(
        translate(
            "{first} to {last}; value is price times units.",
            first=found.first_day,
            last=found.last_day,
        )
    )
    for place, (name, shown) in zip(
        st.columns(3),
        (
            (translate("Active events"), f"{events:,}"),
            (translate("Value"), f"{value:,.0f}"),
            (translate("Value per event"), f"{value / events:,.0f}"),
        ),
        strict=True,
    ):
        place.metric(name, shown, border=True)
    _show_value(found.by("day"), "day", translate("Value by day"), translate("Day"))
    left, right = st.columns(2)
    with left:
        _show_value(found.by("site"), "site", translate("Value by site"), translate("Site"))
    with right:
        _show_value(found.by("asset"), "asset", translate("Value by asset"), translate("Asset"))


def _show_value(sums: "pd.DataFrame", column: str, title: str, called: str) -> None:
    most = sums.loc[sums["value"].idxmax()]
    words = translate("Most: {which} with {value:,.0f}.", which=most[column], value=most["value"])
    st.header(title)
    show_chart(_bars(sums, column, called), title)
    st.caption(words)
    with st.expander(translate("{title} as a table", title=title)):
        shown = sums.assign(
            events=sums["events"].map("{:,}".format), value=sums["value"].map("{:,.2f}".format)
        )
        names = {column: called, "events": translate("Active events"), "value": translate("Value")}
        st.table(shown.rename(columns=names), hide_index=True)


def _bars(sums: "pd.DataFrame", column: str, called: str) -> "alt.Chart":
    import altair as alt

    value = alt.Axis(format="~s")
    tooltip = [
        alt.Tooltip(column),
        alt.Tooltip("value:Q", format=",.0f"),
        alt.Tooltip("events:Q", format=","),
    ]
    along = alt.X("value:Q", title=translate("Value"), axis=value)
    names = alt.Y(f"{column}:N", sort="-x", title=None)
    chart: alt.Chart = alt.Chart(sums, height=alt.Step(40)).mark_bar(color=BLUE)
    if column == "day":
        chart = alt.Chart(sums.assign(day=sums["day"].astype(str)), height=260).mark_bar(color=BLUE)
        up = alt.Y("value:Q", title=translate("Value"), axis=value)
        chart = chart.encode(x=alt.X("yearmonthdate(day):T", title=called), y=up, tooltip=tooltip)
    else:
        chart = chart.encode(x=along, y=names, tooltip=tooltip)
    return chart


def _show_rejects() -> None:
    st.header(translate("Open rejects by reason"))
    found = rows("app/crypto_open_rejects.sql")
    if not found:
        st.markdown(
            translate("No row is set aside: every delivered row is published or explained.")
        )
        return
    rules = reasons_in_words(load_settings().crypto)
    st.table(
        [
            {
                translate("Reason"): line["reason"],
                translate("Rows"): f"{line['rows']:,}",
                translate("What a good row satisfies"): rules.get(line["reason"], ""),
                translate("Last seen"): f"{line['last_seen']:%Y-%m-%d %H:%M}",
            }
            for line in found
        ],
        hide_index=True,
    )


def _show_run(run: dict[str, Any]) -> None:
    st.header(translate("Last run"))
    if run["published_at"] is None:
        st.warning(
            translate("The last run published nothing: `kpi rejects` shows what it found."),
            icon=":material/warning:",
        )
    shown = [
        (translate("Window"), f"{run['window_start']} … {run['as_of']}"),
        (translate("Staged"), f"{run['staged_at']:%Y-%m-%d %H:%M %Z}"),
        (translate("Published"), _moment(run["published_at"])),
        (translate("Raw rows"), _count(run["raw_rows"])),
        (translate("Rejected"), _count(run["rejected_rows"])),
        (translate("Superseded"), _count(run["superseded_rows"])),
        (translate("Dismissed"), _count(run["dismissed_rows"])),
        (translate("Inserted"), _count(run["inserted_rows"])),
        (translate("Updated"), _count(run["updated_rows"])),
        (translate("Reactivated"), _count(run["reactivated_rows"])),
        (translate("Deactivated"), _count(run["deactivated_rows"])),
        (translate("Unchanged"), _count(run["unchanged_rows"])),
        (translate("Run"), f"`{run['run_id']}`"),
    ]
    st.table(
        [{translate("What"): name, translate("How many, or when"): value} for name, value in shown],
        hide_index=True,
    )


def _show_data_docs() -> None:
    settings = load_settings()
    index = data_docs_index(settings)
    if object_exists(settings, object_address(settings, index)):
        st.link_button(
            translate("Data Docs: what every check found"),
            path_in_app(settings, index),
            icon=":material/fact_check:",
        )


def _moment(moment: Any) -> str:
    return translate("not published") if moment is None else f"{moment:%Y-%m-%d %H:%M %Z}"


def _count(rows: int | None) -> str:
    return "-" if rows is None else f"{rows:,}"


show()
