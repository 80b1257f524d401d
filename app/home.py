"""What every page shares: title, pages, language. Streamlit runs it on every click."""

import streamlit as st

from app.errors import errors_in_the_app
from app.language import choose_language, start_language, translate


def main() -> None:
    """Show the requested page; an error on it is shown as a sentence."""
    st.set_page_config(page_title="KPI Delivery", page_icon="📦", layout="wide")
    start_language()
    page = st.navigation(
        [
            st.Page(
                "views/at_risk.py",
                title=translate("Users at risk"),
                icon=":material/priority_high:",
            ),
            st.Page("views/score.py", title=translate("Score"), icon=":material/person_search:"),
            st.Page("views/batch.py", title=translate("Batch"), icon=":material/table_view:"),
            st.Page("views/model.py", title=translate("Model"), icon=":material/model_training:"),
            st.Page("views/drift.py", title=translate("Drift"), icon=":material/trending_up:"),
            st.Page(
                "views/crypto.py", title=translate("Crypto KPIs"), icon=":material/monitoring:"
            ),
        ]
    )
    with st.sidebar:
        choose_language()
    st.title(page.title)
    try:
        page.run()
    except Exception as error:
        errors_in_the_app(error)


main()
