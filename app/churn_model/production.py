"""The Production model: its version, loaded once, and watched for changes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from app.churn_model.scorer import Heuristic, Scorer
from app.churn_model.which_version import LOOK_EVERY_SECONDS, tell_differences, verdict
from app.errors import sentence
from app.language import translate
from flows.churn.model.decisions.left_out import left_out_of, without
from flows.churn.model.lookback import lookback_of
from flows.churn.model.model_document import model_of
from flows.churn.production.document import read_document
from flows.churn.production.in_mlflow import MODEL, is_gone
from flows.platform.tracking.client import mlflow_client
from flows.settings import load_settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

    from flows.churn.model.model_document import ServedModel

_SHOWN, _FORMER = "version shown", "version shown before"
_VERDICT = "verdict shown"


@dataclass(frozen=True)
class Production:
    """A version of the churn model, ready to score; `as_of` is the day it was trained as of.

    `lookback_days`: how many days of payments its features read; None where no training logged it.
    """

    version: str
    model: "ServedModel"
    mlflow_run_id: str | None
    registered_at: datetime
    as_of: str | None
    lookback_days: int | None

    @property
    def age_days(self) -> int:
        """Whole days since the version was registered."""
        return (datetime.now(UTC) - self.registered_at).days


@st.cache_resource(max_entries=3, show_spinner=False)
def load(version: str, sha256: str | None) -> Production:
    """Return the version with the model of this hash, loaded once by this server.

    Raises KpiError when MLflow holds another one.
    """
    client = mlflow_client(load_settings())
    document = read_document(client, version).as_promoted(sha256)
    model = model_of(document)
    found = client.get_model_version(MODEL, version)
    return Production(
        version=version,
        model=without(model, left_out_of(load_settings().churn, model)),
        mlflow_run_id=found.run_id,
        registered_at=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
        as_of=_as_of(client, found.run_id),
        lookback_days=lookback_of(load_settings(), document),
    )


def show_production() -> Production | None:
    """Show and return the Production model, None without one; announce a new version.

    While the page is open it checks for a new version, and reruns when there is one.
    """
    with st.spinner(translate("Loading the model …")):
        found = verdict()
        production = load(found.known, found.sha256) if found.known else None
    if _SHOWN in st.session_state and st.session_state[_SHOWN] != found.known:
        st.session_state[_FORMER] = st.session_state[_SHOWN]
    st.session_state[_SHOWN], st.session_state[_VERDICT] = found.known, found
    # In one container, so that nothing below moves, closes or loses state on a new version.
    with st.container():
        _look_again()
        tell_differences(found)
        _describe(production)
    return production


def scorer(production: Production | None) -> Scorer:
    """Return the model, or the heuristic when there is none."""
    return production.model if production else Heuristic()


def _describe(production: Production | None) -> None:
    if production is None:
        st.warning(
            translate(
                "**Heuristic, not a model.** There is no Production model: `kpi train` makes one. "
                "Until then a fixed formula stands in: half of it grows with the days since the "
                "last payment, half falls with the payments of the last 30 days."
            ),
            icon=":material/warning:",
        )
        return
    if _FORMER in st.session_state:
        st.success(
            translate(
                "Version {version} became Production while this page was open, and is in use.",
                version=production.version,
            ),
            icon=":material/new_releases:",
        )
    as_of = translate(", trained as of {day}", day=production.as_of) if production.as_of else ""
    st.caption(
        translate(
            "Model version {version}{as_of}, {days} days old.",
            version=production.version,
            as_of=as_of,
            days=production.age_days,
        )
    )
    if production.lookback_days:
        st.caption(
            translate(
                "Its features read the last {days} days of payments, as in its training.",
                days=production.lookback_days,
            )
        )


@st.fragment(run_every=LOOK_EVERY_SECONDS)
def _look_again() -> None:
    try:
        found = verdict()
    except Exception as error:
        st.warning(sentence(error), icon=":material/cloud_off:")
        return
    if found != st.session_state[_VERDICT]:
        st.rerun()


def _as_of(client: "MlflowClient", mlflow_run_id: str | None) -> str | None:
    from mlflow.exceptions import MlflowException

    if not mlflow_run_id:
        return None
    try:
        return client.get_run(mlflow_run_id).data.tags.get("as_of")
    except MlflowException as error:
        if not is_gone(error):
            raise
        return None  # deleted for good: the version scores without it
