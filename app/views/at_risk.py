"""Users at risk: ranked, how many to contact and what that gains, one looked up by id."""

from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.at_risk.chosen import (
    Chosen,
    First,
    ScoredDay,
    by_percent,
    contacts,
    first,
    last_day,
    page_of,
    score_of,
    user_id_of,
)
from app.at_risk.controls import choose_campaign, choose_number, choose_users
from app.at_risk.files import as_audience, as_list
from app.at_risk.money import amount, currency, in_currency
from app.at_risk.worth import Campaign, gain_curve
from app.charts import BLUE, RED, show_chart
from app.churn_model.drivers import meaning
from app.churn_model.form.described import described
from app.churn_model.form.filling import fill_with
from app.churn_model.model_gone import tell_when_gone
from app.language import digits, translate
from app.text import plain
from flows.churn.features.definitions import FEATURE_NAMES
from flows.settings import load_settings

if TYPE_CHECKING:
    import altair as alt

_PAGE = 25
_NUMBER, _RANKED = "at risk page", "at risk ranked"


def show() -> None:
    """Show the last scores, or what makes some."""
    day = last_day()
    if day is None:
        st.info(
            translate("Nobody was scored yet: `kpi score` scores every user."),
            icon=":material/info:",
        )
        return
    st.markdown(
        translate(
            "Scores as of {day}, by model version {version}: the probability of no payment in the "
            "{days} days after it.",
            day=day.as_of,
            version=day.version,
            days=load_settings().churn.label_days,
        )
    )
    _tell_when_late(day)
    of_the_model = st.container()
    chosen = choose_users(day)
    counted = by_percent(chosen)
    users = sum(row["users"] for row in counted)
    if not users:
        st.info(translate("No user is like that."), icon=":material/info:")
    else:
        _show_contacts(chosen, counted, users)
        _show_ranked(chosen, users)
    _show_user(day)
    # MLflow is asked last: the scores are the warehouse's, and do not wait for it.
    with of_the_model:
        tell_when_gone(day.version)


def _tell_when_late(day: ScoredDay) -> None:
    settings = load_settings()
    last_day = day.as_of + timedelta(days=settings.churn.label_days)
    # From this day on `kpi campaign` refuses a contact because of these scores.
    if datetime.now(settings.zone).date() >= last_day:
        st.warning(
            translate(
                "What these scores tell was decided by {last_day}: a contact comes too late. "
                "Deliver newer files, and score again.",
                last_day=last_day,
            ),
            icon=":material/event_busy:",
        )


def _show_contacts(chosen: Chosen, counted: list[dict[str, Any]], users: int) -> None:
    st.header(translate("How many to contact"))
    churn = load_settings().churn
    campaign = choose_campaign(churn)
    number, nobody = choose_number(churn, campaign, chosen, users)
    found = first(chosen, number)
    _tell(campaign, found, users, nobody)
    title = translate("Expected gain by number of contacts")
    points = gain_curve(campaign, counted)
    show_chart(_curve(points, found.users, campaign.gain(found.users, found.expected)), title)
    st.caption(
        translate(
            "Contacting the most likely to churn first: those who would churn, times the share "
            "that is kept, times their value, less what contacts cost."
        )
    )
    if not found.users:
        return
    words = {name: meaning(name) for name in FEATURE_NAMES}
    whole, ids = st.columns(2)
    read = partial(contacts, chosen, found.users)
    whole.download_button(
        translate("Download the list (CSV)"),
        lambda: as_list(read(), words),
        file_name=f"users_at_risk_{chosen.as_of}.csv",
        mime="text/csv",
        type="primary",
        on_click="ignore",
    )
    ids.download_button(
        translate("Download the audience (ids)"),
        lambda: as_audience(read()),
        file_name=f"audience_{chosen.as_of}.csv",
        mime="text/csv",
        on_click="ignore",
    )


def _tell(campaign: Campaign, found: First, users: int, nobody: str) -> None:
    if not found.users:
        st.warning(nobody, icon=":material/savings:")
        return
    st.markdown(
        translate(
            "**{contacts:,} of {users:,} users**, of {lowest:.0%} or more. {expected:,.0f} of them "
            "are expected to churn; they spent {spent} in 90 days. Expected gain: **{gain}**.",
            contacts=found.users,
            users=users,
            lowest=found.lowest,
            expected=found.expected,
            spent=amount(found.spent),
            gain=amount(campaign.gain(found.users, found.expected)),
        )
    )


def _curve(points: list[dict[str, float]], number: int, gain: float) -> "alt.LayerChart":
    import altair as alt
    import pandas as pd

    x = alt.X("contacts:Q", title=translate("Contacts"))
    # The chart shows the currency as it is written; text is escaped for Markdown.
    named = currency()
    gain_title = translate("Expected gain") + (f" ({named})" if named else "")
    y = alt.Y("gain:Q", title=gain_title)
    line = alt.Chart(pd.DataFrame(points)).mark_line(color=BLUE).encode(x=x, y=y)
    here = pd.DataFrame([{"contacts": number, "gain": gain}])
    point = alt.Chart(here).mark_point(color=RED, size=120, filled=True).encode(x=x, y=y)
    return alt.LayerChart(layer=[line, point]).properties(height=240)


def _show_ranked(chosen: Chosen, users: int) -> None:
    st.header(translate("Who they are"))
    pages = ceil(users / _PAGE)
    # Whoever chooses others wants those most at risk among them, not the page that was open.
    if st.session_state.get(_RANKED, chosen) != chosen:
        st.session_state[_NUMBER] = 1
    st.session_state[_RANKED] = chosen
    number = st.number_input(translate("Page, of {pages:,}", pages=pages), 1, pages, key=_NUMBER)
    _show_table([_row(user) for user in page_of(chosen, _PAGE, number)], "ranked")


def _show_user(day: ScoredDay) -> None:
    st.header(translate("One user"))
    # As text: the browser would round a number of more than 15 digits, and find somebody else.
    typed = st.text_input(translate("User id"), key="at risk user").strip()
    if not typed:
        return
    user_id = user_id_of(typed)
    if user_id is None:
        st.error(
            translate("A user id is a whole number of at most 64 bits."), icon=":material/error:"
        )
        return
    found = score_of(day.as_of, user_id)
    if found is None:
        st.info(
            translate("This user was not scored on {day}.", day=day.as_of), icon=":material/info:"
        )
        return
    _show_table([_row(found)], "one user")
    known = described(day.as_of, day.version, user_id)
    if known is None:
        st.caption(
            translate(
                "What the score was made from is not kept on this machine, so the form cannot be "
                "filled with it."
            )
        )
    elif st.button(translate("Fill the form with this user"), icon=":material/person_search:"):
        fill_with(user_id, day.as_of, day.version, known)
        st.switch_page("views/score.py")


def _show_table(lines: list[dict[str, str]], key: str) -> None:
    # Wider than a phone, which scrolls it and not the page.
    st.html(f"<style>.st-key-{key.replace(' ', '-')} {{overflow-x: auto}}</style>")
    with st.container(key=key):
        st.table(lines, hide_index=True)


def _row(user: dict[str, Any]) -> dict[str, str]:
    active, spent = user["active"], user["spent_90d"]
    unknown = translate("unknown")
    return {
        translate("User"): str(user["user_id"]),
        translate("Probability of churn"): f"{user['probability']:.1%}",
        translate("Active"): unknown
        if active is None
        else (translate("Yes") if active else translate("No")),
        in_currency(translate("Spent in 90 days")): unknown if spent is None else digits(spent),
        translate("Segment"): plain(user["segment"] or "-"),
        translate("City"): plain(user["city"] or "-"),
        translate("Raised most by"): " · ".join(meaning(name) for name in user["reasons"] or [])
        or "-",
    }


show()
