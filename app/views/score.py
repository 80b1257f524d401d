"""Score: a form over the declared features, a probability, and what drives it."""

import pandas as pd
import streamlit as st

from app.churn_model.drivers import show_drivers
from app.churn_model.form.consistency import contradictions, unusual
from app.churn_model.form.fields import Answers, field, groups
from app.churn_model.form.filling import Filling, fill
from app.churn_model.form.usual import usual_users
from app.churn_model.production import Production, scorer, show_production
from app.churn_model.scorer import Scorer
from app.language import translate
from flows.churn.features.declaration import Feature
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.model.training_users import TrainingUsers

_ASKED = "user to score"
_COLUMNS = 3


def show() -> None:
    """Show the form, and the score of the last user submitted, rescored by a new model."""
    production = show_production()
    version = production.version if production else None
    users = usual_users(version)
    asked = groups(scorer(production).feature_names)
    filled = fill([item for group in asked.values() for item in group], version, users)
    answers = _form(asked, users, _filled_with(production, users, filled))
    if answers is not None:
        st.session_state[_ASKED] = answers
    if _ASKED in st.session_state:
        _answer(production, users, st.session_state[_ASKED], filled)


def _filled_with(
    production: Production | None, users: TrainingUsers | None, filled: Filling
) -> str:
    if filled.user is not None:
        said = translate(
            "Filled with user {user}, as of {day}. Reload the page for a typical user.",
            user=str(filled.user),
            day=filled.day,
        )
    elif production is None:
        said = translate("The heuristic asks for what it reads. Nothing is filled in.")
    elif users is None:
        said = translate(
            "Nothing is filled in, and no range is told: this version was trained before typical "
            "users and usual ranges were kept with the model. The next one has them."
        )
    elif filled.version != production.version:
        said = translate(
            "What you found here stays, and what this version asks as well is unknown; reload the "
            "page to fill it with a typical user of the training."
        )
    elif all(usual.typical is None for usual in users.features.values()):
        said = translate(
            "Nothing is filled in: the typical user of this training asked to be forgotten. The "
            "next one has another."
        )
    else:
        said = translate(
            "Filled with a typical user: of the {users:,} of the training, the one nearest to "
            "their average.",
            users=users.users,
        )
    return f"{said} {translate('An empty field means unknown.')}"


def _form(
    asked: dict[str, list[Feature]], users: TrainingUsers | None, caption: str
) -> Answers | None:
    values: Answers = {}
    with st.form("user", border=False):
        st.caption(caption)
        for number, (title, features) in enumerate(asked.items()):
            with st.expander(translate(title), expanded=number == 0):
                # In rows, so that a phone and the Tab key go through them in order.
                for row in range(0, len(features), _COLUMNS):
                    places = st.columns(_COLUMNS)
                    for place, feature in zip(places, features[row : row + _COLUMNS], strict=False):
                        with place:
                            values[feature.name] = field(feature, users)
        sent = st.form_submit_button(translate("Score"), type="primary", width="stretch")
    return values if sent else None


def _answer(
    production: Production | None, users: TrainingUsers | None, answers: Answers, filled: Filling
) -> None:
    user = pd.DataFrame([dict.fromkeys(FEATURE_NAMES) | answers], dtype="float64")
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
        if user.isna().all(axis=None):
            st.warning(
                translate("Nothing is known of this user: fill in what you know."),
                icon=":material/warning:",
            )
        if users and (strange := unusual(answers, users, filled.answers)):
            st.warning(
                " ".join([*strange, translate("The model has met few such users: trust it less.")]),
                icon=":material/warning:",
            )
    with right:
        show_drivers(
            with_what.contributions(user).iloc[0],
            user.iloc[0],
            translate("Change of the log-odds against the average user (exact Shapley values).")
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


show()
