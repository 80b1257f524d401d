"""Two languages: English texts are where they are used, Spanish ones in spanish.toml.

The features' Spanish texts are beside their English ones.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from flows.churn.features.definitions import FEATURES
from flows.errors import KpiError
from flows.settings import load_settings

LANGUAGES = {"en": "English", "es": "Español"}

# What does on the platform in containers what a command of ours does elsewhere.
_IN_CONTAINERS = {
    "kpi doctor": "docker compose exec worker kpi doctor",
    "kpi drift": "make drift-run",
    "kpi rejects": "docker compose exec worker kpi rejects",
    "kpi run": "make crypto-run",
    "kpi score": "docker compose exec worker kpi score",
    "kpi train": "make churn-run",
    "kpi up": "make up",
}

_CHOSEN = "language"
_QUERY = "lang"
_SPANISH = Path(__file__).with_name("spanish.toml")


def start_language() -> str:
    """Return the visitor's language: what was chosen, else the link's `?lang=`, else English."""
    if _CHOSEN not in st.session_state:
        asked = st.query_params.get(_QUERY)
        st.session_state[_CHOSEN] = asked if asked in LANGUAGES else "en"
    return str(st.session_state[_CHOSEN])


def choose_language() -> None:
    """Offer the choice, and store it in the URL so that links keep it."""
    st.radio(
        "Language · Idioma",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key=_CHOSEN,
        horizontal=True,
    )
    language = start_language()
    wanted = None if language == "en" else language
    if st.query_params.get(_QUERY) != wanted:
        if wanted:
            st.query_params[_QUERY] = wanted
        else:
            del st.query_params[_QUERY]
    # Screen readers choose their voice from it.
    st.html(
        f"<script>document.documentElement.lang = '{language}'</script>",
        unsafe_allow_javascript=True,
    )


def translate(english: str, **values: Any) -> str:
    """Return the text in the visitor's language, with `{values}` filled in."""
    spanish = st.session_state.get(_CHOSEN) == "es"
    text = translations().get(english, english) if spanish else english
    text = text.format(**values) if values else text
    return with_commands_of_here(text) if "`kpi " in text else text


def digits(value: float) -> str:
    """Return a number as text, to two decimals: `12`, `1,234.5`."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def with_commands_of_here(text: str) -> str:
    """Return the text with the commands that people have where this app runs."""
    try:
        in_containers = load_settings().app_commands == "make"
    except KpiError:  # it is what the page is about to say
        return text
    for ours, theirs in _IN_CONTAINERS.items() if in_containers else ():
        text = text.replace(f"`{ours}`", f"`{theirs}`")
    return text


def to_translate(english: str) -> str:
    """Mark a text that is passed to `translate` later, so that its translation is required."""
    return english


@cache
def translations() -> dict[str, str]:
    """Return the Spanish text of each English one."""
    sections = tomllib.loads(_SPANISH.read_text(encoding="utf-8"))
    texts = {english: text for section in sections.values() for english, text in section.items()}
    return texts | {feature.description: feature.spanish for feature in FEATURES}
