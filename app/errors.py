"""Errors are shown as sentences; kind and place of an unexpected one go to the log."""

import logging

import psycopg
import streamlit as st

from app.language import translate
from app.text import plain
from flows.errors import KpiError
from flows.platform.pipeline.unexpected import TextsLeftOut
from flows.platform.warehouse.errors import refusal

logger = logging.getLogger(__name__)

_TEXTS_LEFT_OUT = TextsLeftOut()
# Streamlit logs each error of a page itself, before it asks what to show.
for _name in (__name__, "streamlit.error_util"):
    logging.getLogger(_name).addFilter(_TEXTS_LEFT_OUT)


class NotThereYet(KpiError):
    """Something that a command creates is missing; the message names both."""


def errors_in_the_app(error: Exception) -> bool:
    """Show the error as a sentence on the page; return True, since nothing else has to show it."""
    if isinstance(error, NotThereYet):
        st.info(str(error), icon=":material/info:")
    else:
        st.error(sentence(error), icon=":material/error:")
    return True


def sentence(error: Exception) -> str:
    """Return the sentence that a visitor sees; unexpected errors are logged, without their text."""
    if isinstance(error, psycopg.errors.QueryCanceled):
        return translate("The warehouse took too long to answer: try again in a minute.")
    if isinstance(known := refusal(error) or error, KpiError):
        return plain(str(known))
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName):
        return translate("The warehouse has no tables yet: `kpi run` makes them.")
    if isinstance(error, psycopg.OperationalError):
        return translate(
            "The warehouse does not answer: start it with `kpi up`, or correct KPI_DATABASE_URL."
        )
    if type(error).__module__.startswith("mlflow"):
        logger.error("MLflow cannot be read: %s", error)
        return translate(
            "MLflow cannot be read: the app's log says why, `kpi doctor` what is missing."
        )
    logger.error("A page failed.", exc_info=error)
    return translate("Something unexpected happened: the app's log says what.")
