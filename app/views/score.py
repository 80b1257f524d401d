"""Score: a form over the declared features, a probability, and what drives it."""

import pandas as pd
import streamlit as st

from app.churn_model.consistency import contradictions, unusual
from app.churn_model.drivers import show_drivers
from app.churn_model.fields import field, groups
from app.churn_model.production import Production, scorer, show_production
from app.churn_model.scorer import Scorer
from app.language import translate

_ASKED = "user to score"
_COLUMNS = 3


def show() -> None:
    """Show the form, and the score of the last user submitted, rescored by a new model."""
    production = show_production()
    asked = _form(production)
    if asked is not None:
        st.session_state[_ASKED] = asked
    if _ASKED in st.session_state:
        _answer(production, st.session_state[_ASKED])


def _form(production: Production | None) -> dict[str, float | None] | None:
    model = production.linear if production else None
    values: dict[str, float | None] = {}
    with st.form("user", border=False):
        st.caption(
            translate("Filled with the average user of the training. An empty field means unknown.")
            if model
            else translate(
                "Filled with the middle of each usual range. An empty field means unknown."
            )
        )
        for number, (title, features) in enumerate(groups().items()):
            with st.expander(translate(title), expanded=number == 0):
                # In rows, so that a phone and the Tab key go through them in order.
                for row in range(0, len(features), _COLUMNS):
                    places = st.columns(_COLUMNS)
                    for place, feature in zip(places, features[row : row + _COLUMNS], strict=False):
                        with place:
                            values[feature.name] = field(feature, model)
        sent = st.form_submit_button(translate("Score"), type="primary", width="stretch")
    return values if sent else None


def _answer(production: Production | None, values: dict[str, float | None]) -> None:
    user = pd.DataFrame([values], dtype="float64")
    if broken := contradictions(user):
        st.error(
            translate("This user cannot be: {what} Correct one of them.", what=" ".join(broken)),
            icon=":material/error:",
        )
        return
    with_what = scorer(production)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _verdict(with_what, user)
    with right:
        show_drivers(
            with_what.contributions(user).iloc[0],
            user.iloc[0],
            translate(
                "Change of the log-odds against the average user (exact SHAP values of a linear "
                "model)."
            )
            if production
            else translate(
                "Heuristic: change of the probability against 50 %, at most 0.25 for each part."
            ),
        )


def _verdict(with_what: Scorer, user: pd.DataFrame) -> None:
    probability = float(with_what.probabilities(user)[0])
    threshold = f"{with_what.threshold:.0%}"
    st.metric(translate("Probability of churn"), f"{probability:.1%}", border=True)
    # A message, because screen readers read those out when they appear.
    if probability >= with_what.threshold:
        st.warning(
            translate(
                "{probability:.1%}: counts as churning, which begins at {threshold}.",
                probability=probability,
                threshold=threshold,
            ),
            icon=":material/trending_down:",
        )
    else:
        st.success(
            translate(
                "{probability:.1%}: does not count as churning, which begins at {threshold}.",
                probability=probability,
                threshold=threshold,
            ),
            icon=":material/check_circle:",
        )
    if strange := unusual(user):
        st.warning(
            " ".join([*strange, translate("The model has met few such users: trust it less.")]),
            icon=":material/warning:",
        )


show()
