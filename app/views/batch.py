"""Batch: a CSV file of users in, a scored table out."""

from typing import TYPE_CHECKING

import streamlit as st

from app.churn_model.form.usual import usual_users
from app.churn_model.production import Production, show_production
from app.churn_model.uploads.scored_upload import UPLOADER, Outcome, score_upload
from app.churn_model.uploads.upload import template
from app.language import to_translate, translate
from flows.churn.features.users_file import columns
from flows.churn.model.training_users import TrainingUsers
from flows.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_TYPES = {"whole number": to_translate("whole number"), "number": to_translate("number")}
_SHOWN = 20
_OUTCOME = "scored file"


def show() -> None:
    """Show what a file must hold, take one, show its scores and offer them as a file."""
    production = show_production()
    _explain(usual_users(production.version if production else None))
    upload = st.file_uploader(translate("CSV file of users"), type="csv", key=UPLOADER)
    if upload is None:
        return
    outcome: Outcome | None = st.session_state.get(_OUTCOME)
    if outcome is None or outcome.file_id != upload.file_id:
        outcome = st.session_state[_OUTCOME] = _score(production, upload)
    if outcome.busy:
        st.warning(
            translate(
                "The app is scoring other files, and nothing was done with this one: upload it "
                "again in a moment."
            ),
            icon=":material/hourglass_empty:",
        )
    elif outcome.table is None:
        # The pipeline's sentence, verbatim: it quotes cells, so it is not Markdown.
        st.error(translate("The file was refused, nothing was scored."), icon=":material/error:")
        st.text(outcome.refused)
    else:
        _show_scores(outcome.table, outcome.warnings)
        if outcome.version != (production.version if production else None):
            st.info(
                translate(
                    "These scores are of before the change: upload the file again for those of the "
                    "Production model."
                ),
                icon=":material/history:",
            )


def _score(production: Production | None, upload: "UploadedFile") -> Outcome:
    place = st.empty()

    def tell(ahead: int) -> None:
        place.info(
            translate("Waiting for a turn; files ahead: {ahead}.", ahead=ahead),
            icon=":material/hourglass_empty:",
        )

    with st.spinner(translate("Checking and scoring …")):
        outcome = score_upload(production, upload, tell)
    place.empty()
    return outcome


def _show_scores(table: "pd.DataFrame", warnings: list[str]) -> None:
    for warning in warnings:
        st.warning(warning, icon=":material/warning:")
    churning = int(table["counts_as_churning"].sum())
    st.success(
        translate(
            "Users scored: {users:,}; counting as churning: {churning:,}.",
            users=len(table),
            churning=churning,
        ),
        icon=":material/check_circle:",
    )
    st.download_button(
        translate("Download the scores (CSV)"),
        lambda: table.to_csv(index=False),
        file_name="churn_scores.csv",
        mime="text/csv",
        type="primary",
        on_click="ignore",
    )
    st.caption(
        translate(
            "Most likely to churn first, at most {shown} users; the download has all, in the order "
            "of your file.",
            shown=_SHOWN,
        )
    )
    st.table(
        table.sort_values("churn_probability", ascending=False, kind="stable").head(_SHOWN),
        hide_index=True,
    )


def _explain(users: TrainingUsers | None) -> None:
    churn = load_settings().churn
    st.markdown(
        translate(
            "One row per user: `user_id` (what the five source files call CUS_CUST_ID_BUY) and a "
            "column for each feature, in any order. An empty cell means unknown; other columns are "
            "left alone. At most {rows:,} users and {megabytes} MB; one file is scored at a time. "
            "It is checked as the pipeline checks its sources, and is not kept.",
            rows=load_settings().upload_rows,
            megabytes=st.get_option("server.maxUploadSize"),
        )
    )
    st.download_button(
        translate("Download a template (CSV)"),
        template(churn, users),
        file_name="users.csv",
        mime="text/csv",
        on_click="ignore",
    )
    with st.expander(translate("Which columns, and what their cells are")):
        st.table(
            [
                {
                    translate("Column"): column.name,
                    translate("Cells"): translate(_TYPES[column.type]),
                    translate("At least"): "" if column.minimum is None else str(column.minimum),
                    translate("At most"): "" if column.maximum is None else str(column.maximum),
                    translate("May be empty"): translate("No")
                    if column.required
                    else translate("Yes"),
                }
                for column in columns(churn)
            ],
            hide_index=True,
        )


show()
