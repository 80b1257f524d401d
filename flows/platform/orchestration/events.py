"""Events for the Prefect server, whose triggers start deployments."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from flows.errors import KpiError
from flows.platform.pipeline.run import Run
from flows.settings import Settings

if TYPE_CHECKING:
    from prefect.events import Event

_SECONDS = 60


def emit_event(
    settings: Settings, event: str, resource: str, run: Run, payload: dict[str, Any]
) -> bool:
    """Send the event to the Prefect server; return False when none accepts events.

    `resource` is `kpi.<subject>`. When `event_listener` is `caller`, nothing is sent: the caller
    reads the step's result. A run that emits it again sends the same event id. Raises KpiError
    when the server does not accept it.
    """
    if settings.event_listener == "caller":
        return True
    # Not prefect.events.emit_event: it sends in the background and only logs a failure.
    from prefect.events import Event
    from prefect.settings import PREFECT_API_URL

    from flows.platform.orchestration.startup.compatibility import takes_events

    if not takes_events():
        return False
    flow_run = {
        "prefect.resource.id": f"prefect.flow-run.{run.run_id}",
        "prefect.resource.role": "flow-run",
    }
    name = resource.partition(".")[2]
    fields: dict[str, Any] = {
        "id": uuid5(NAMESPACE_URL, f"{event} {run.run_id}"),
        "event": event,
        "resource": {"prefect.resource.id": resource, "prefect.resource.name": name},
        "related": [flow_run],
        "payload": payload,
    }
    message = Event(**fields)
    try:
        asyncio.run(asyncio.wait_for(_hand_over(message), _SECONDS))
    except Exception as error:
        raise KpiError(
            f"The Prefect server at {PREFECT_API_URL.value()} did not take the event {event} "
            f"({type(error).__name__}). Nobody was told: look at the server, then run again."
        ) from error
    return True


async def _hand_over(event: "Event") -> None:
    from prefect.events import get_events_client

    # Every event is acknowledged: the server has it before this returns.
    async with get_events_client(reconnection_attempts=2, checkpoint_every=1) as client:
        await client.emit(event)
