"""Which version is Production: what MLflow and the ledger say, and where they disagree."""

import logging
from dataclasses import dataclass, field, replace

import psycopg
import streamlit as st

from app.language import to_translate, translate
from app.warehouse import warehouse_settings
from flows.churn.production.in_mlflow import has_registry
from flows.churn.production.truth import look
from flows.churn.production.verdict import Difference, Verdict
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
        "It is in use here once the next training, scoring or rollback wrote it to the ledger."
    ),
    "left without": to_translate(
        "No model is in use here; the next training, scoring or rollback writes that to the ledger."
    ),
    "taken back": to_translate(
        "It is not in use here; the next training, scoring or rollback takes it back."
    ),
}


@dataclass
class _Heard:
    last: Verdict = field(default_factory=lambda: Verdict(None))


@st.cache_resource(show_spinner=False)
def _heard() -> _Heard:
    return _Heard()


@st.cache_data(ttl=LOOK_EVERY_SECONDS - 1, show_spinner=False)
def verdict() -> Verdict:
    """Return what is Production, and what disagrees about it, as of a few seconds ago.

    While the ledger cannot be read it is what that said last, to this server; nothing without that.
    """
    settings = load_settings()
    if not has_registry(settings):
        return Verdict(None)  # asking MLflow would create its database
    if settings.database_url is not None:
        try:
            _heard().last = look(warehouse_settings())
            return _heard().last
        except psycopg.Error:
            logger.warning("The promotion ledger cannot be read.", exc_info=True)
    return replace(_heard().last, difference=None, knows_ledger=False)


def tell_differences(found: Verdict) -> None:
    """Tell what MLflow and the ledger disagree about, and what becomes of it."""
    if found.difference:
        st.warning(_told(found.difference), icon=":material/call_split:")
    elif not found.knows_ledger:
        st.warning(
            translate("The promotion ledger cannot be read: what it said last is in use.")
            if found.known
            else translate(
                "The promotion ledger cannot be read: no model is in use, because MLflow alone "
                "does not say which one was promoted."
            ),
            icon=":material/call_split:",
        )
    elif found.known and found.sha256 is None:
        st.warning(
            translate(
                "Version {version} was promoted before its SHA-256 was kept: the next training, "
                "scoring or rollback records it.",
                version=found.known,
            ),
            icon=":material/fingerprint:",
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
    left_without = (difference.kind, difference.outcome) == ("archived by hand", "followed")
    return f"{fact} {translate(_NEXT['left without' if left_without else difference.outcome])}"
