"""Which version is Production: what MLflow and the ledger say, and where they disagree."""

import logging

import psycopg
import streamlit as st

from app.language import to_translate, translate
from app.warehouse import warehouse_settings
from flows.churn.production.in_mlflow import has_registry, read_mlflow
from flows.churn.production.truth import look
from flows.churn.production.verdict import Difference, Verdict, judge_without_ledger
from flows.platform.tracking.client import mlflow_client
from flows.settings import load_settings

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 5

_FACTS = {
    "cut short": to_translate(
        "The ledger's last change of Production, version {version}, is under way, or was cut "
        "short: MLflow's stage says {stage}, its alias {alias}, the ledger {ledger}."
    ),
    "promoted by hand": to_translate(
        "Somebody made version {version} Production in MLflow: its stage says {stage}, its alias "
        "{alias}, the ledger {ledger}."
    ),
    "archived by hand": to_translate(
        "Somebody left MLflow without its Production, version {version}: its stage says {stage}, "
        "its alias {alias}, the ledger {ledger}."
    ),
}
_NEXT = {
    "cut short": to_translate("The next training, scoring or rollback completes it."),
    "followed": to_translate(
        "It is in use here; the next training, scoring or rollback writes it to the ledger."
    ),
    "taken back": to_translate(
        "It is not in use here; the next training, scoring or rollback takes it back."
    ),
}


@st.cache_data(ttl=LOOK_EVERY_SECONDS - 1, show_spinner=False)
def verdict() -> Verdict:
    """Return what is Production, and what disagrees about it, as of a few seconds ago.

    Without a ledger to read, it is what MLflow says.
    """
    settings = load_settings()
    if not has_registry(settings):
        return Verdict(None)  # asking MLflow would create its database
    if settings.database_url is not None:
        try:
            return look(warehouse_settings())
        except psycopg.Error:
            logger.warning("The promotion ledger cannot be read.", exc_info=True)
    return judge_without_ledger(read_mlflow(mlflow_client(settings)))


def tell_differences(found: Verdict) -> None:
    """Tell what MLflow and the ledger disagree about, and what becomes of it."""
    if found.difference:
        st.warning(_told(found.difference), icon=":material/call_split:")
    elif not found.knows_ledger and load_settings().database_url is not None:
        st.warning(
            translate(
                "The promotion ledger cannot be read: that this is Production is MLflow's word."
            ),
            icon=":material/call_split:",
        )


def _told(difference: Difference) -> str:
    nobody = translate("none")
    fact = translate(
        _FACTS[difference.kind],
        version=difference.version,
        stage=difference.stage or nobody,
        alias=difference.alias or nobody,
        ledger=difference.ledger or nobody,
    )
    return f"{fact} {translate(_NEXT[difference.outcome])}"
