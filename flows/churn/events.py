"""The events that start a training, for the triggers that prefect.yaml declares."""

from typing import Any

from flows.churn.run import ChurnRun
from flows.platform.orchestration.events import emit_event
from flows.settings import Settings

NOBODY_LISTENS = (
    "No Prefect server takes events here, so nothing was started: train by hand, pass --retrain "
    "(parameter retrain), or set PREFECT_API_URL and PREFECT_EXPERIMENTAL_EVENTS=true."
)

_RESOURCE = "kpi.churn"


def emit(settings: Settings, event: str, run: ChurnRun, payload: dict[str, Any]) -> bool:
    """Emit the event for the run's files; return whether anything listens to it.

    Raises KpiError when the Prefect server does not answer: then the event was not sent.
    """
    told = {"as_of": str(run.as_of), "source": str(run.source), **payload}
    return emit_event(settings, event, _RESOURCE, run, told)
