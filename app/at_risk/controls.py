"""What a visitor chooses: which users, and how many of them to contact."""

import streamlit as st

from app.at_risk.chosen import MOST_CONTACTS, Chosen, ScoredDay, choices, worth_contacting
from app.at_risk.money import currency, in_currency
from app.at_risk.worth import Campaign
from app.language import to_translate, translate
from app.text import plain
from flows.churn.model.decisions.threshold import contacts
from flows.settings.churn import ChurnSettings

_WHO = {
    "active": to_translate("Active: paid in the last 90 days"),
    "silent": to_translate("Silent for longer"),
    "all": to_translate("All"),
}
_ACTIVE = {"active": True, "silent": False, "all": None}
_CAPACITY, _BUDGET, _GAIN = (
    to_translate("Capacity"),
    to_translate("Budget"),
    to_translate("Largest gain"),
)


def choose_users(day: ScoredDay) -> Chosen:
    """Show the filters, and return what they choose."""
    who = st.radio(
        translate("Who"),
        list(_WHO),
        format_func=lambda who: translate(_WHO[who]),
        horizontal=True,
        key="at risk who",
    )
    segment, city, spent, probability = st.columns(4)
    everyone = translate("All")
    chosen_segment = segment.selectbox(
        translate("Segment"),
        ["", *choices(day.as_of, "segment")],
        format_func=lambda name: name or everyone,
        key="at risk segment",
    )
    chosen_city = city.selectbox(
        translate("City"),
        ["", *choices(day.as_of, "city")],
        format_func=lambda name: name or everyone,
        key="at risk city",
    )
    return Chosen(
        day.as_of,
        _ACTIVE[who],
        chosen_segment or None,
        chosen_city or None,
        spent=spent.number_input(
            in_currency(translate("Spent at least, in 90 days")),
            min_value=0.0,
            step=10.0,
            key="at risk spent",
        ),
        probability=probability.number_input(
            translate("Probability at least (%)"), 0, 100, step=5, key="at risk probability"
        )
        / 100,
    )


def choose_campaign(churn: ChurnSettings) -> Campaign:
    """Show what a contact costs and keeps, filled from the settings, and return it."""
    named = currency()
    st.caption(
        translate("Amounts are in {currency}.", currency=plain(named))
        if named
        else translate("Amounts are in the currency of PAYMENTS; its contract names none.")
    )
    cost, value, success = st.columns(3)
    return Campaign(
        cost.number_input(
            in_currency(translate("Cost of a contact")),
            0.0,
            value=float(churn.contact_cost),
            key="at risk cost",
        ),
        value.number_input(
            in_currency(translate("Value of a user who is kept")),
            0.0,
            value=float(churn.kept_value),
            key="at risk value",
        ),
        success.number_input(
            translate("Kept of those who would churn (%)"),
            0.0,
            100.0,
            value=churn.contact_success * 100,
            key="at risk success",
        )
        / 100,
    )


def choose_number(
    churn: ChurnSettings, campaign: Campaign, chosen: Chosen, users: int
) -> tuple[int, str]:
    """Ask how many of so many users to contact: by capacity, by budget, or by gain.

    Return their number, and what it means where that is 0.
    """
    how = st.radio(
        translate("How many to contact"),
        [_CAPACITY, _BUDGET, _GAIN],
        format_func=translate,
        horizontal=True,
        key="at risk how",
    )
    if how == _GAIN:
        number = worth_contacting(chosen, campaign.worth_from)
        nobody = translate("Nobody is worth a contact at this cost and value.")
    elif how == _BUDGET:
        budget = st.number_input(
            in_currency(translate("Budget")), 0.0, value=100.0, step=10.0, key="at risk budget"
        )
        number = campaign.within(budget, users)
        nobody = translate("The budget does not pay for one contact.")
    else:
        capacity = st.number_input(
            translate("Users that can be contacted"),
            0,
            value=contacts(churn, users),
            key="at risk capacity",
        )
        number = min(capacity, users)
        nobody = translate("Nobody can be contacted.")
    if number > MOST_CONTACTS:
        st.info(
            translate(
                "More than {most:,} users would be contacted; this page, its gain and its files "
                "end at the first {most:,}. prod.BT_CHURN_SCORES has all.",
                most=MOST_CONTACTS,
            ),
            icon=":material/info:",
        )
    return min(number, MOST_CONTACTS), nobody
