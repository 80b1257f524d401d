"""Errors are shown as sentences; the traceback of an unexpected one goes to the log."""

import logging

import psycopg
import streamlit as st

from app.language import translate
from app.text import plain
from flows.errors import KpiError
from flows.platform.warehouse.errors import refusal

logger = logging.getLogger(__name__)


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
    """Return the sentence that a visitor sees; unexpected errors are logged in full."""
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
    logger.error("A page failed.", exc_info=error)
    if type(error).__module__.startswith("mlflow"):
        return translate(
            "MLflow cannot be read: the app's log says why, `kpi doctor` what is missing."
        )
    return translate("Something unexpected happened: the app's log says what.")
