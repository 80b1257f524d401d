"""What `kpi check` asks, as a Prefect flow: for who has no timer and no cron.

Its worker runs it, so that it cannot tell that the worker is down: `kpi check` by a timer can. A
lapse that both see in one home is told once. It is no pipeline: it changes nothing, takes no lock,
and has no lineage.
"""

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prefect import flow
from prefect.runtime import flow_run

from flows.errors import KpiError, count_of
from flows.log_lines import belongs_to
from flows.observed.checks import CHECK_FLOW, look
from flows.observed.told import tell
from flows.platform.orchestration.blocks import flow_settings
from flows.platform.orchestration.hooks import post_failure, run_options
from flows.platform.orchestration.patience import wait_for_servers
from flows.platform.orchestration.startup.compatibility import log_from_prefects_level

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun
    from prefect.states import State

logger = logging.getLogger(__name__)

# The name of the state of a run that has looked, and told what it found.
_MISSING = "Missing"

wait_for_servers()


def _post_failure(flow: "Flow[Any, Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Post why the run failed, unless that was told as what is missing."""
    if state.name != _MISSING:
        post_failure(flow, flow_run, state)


@flow(
    name=CHECK_FLOW,
    flow_run_name=CHECK_FLOW,
    **{**run_options(), "on_failure": [_post_failure]},
)
def check() -> Any:
    """Look for what must have happened and has not, and fail if there is any."""
    log_from_prefects_level()
    with belongs_to(flow_run.get_id()):
        try:
            return _looked()
        except KpiError as error:
            return _failed(error)


def _looked() -> "dict[str, Any] | State[Any]":
    settings, now = flow_settings(), datetime.now(UTC)
    found = look(settings, now)
    for one in found:
        logger.log(logging.INFO if one.ok else logging.ERROR, "%s", one.text)
    if settings.webhook_url:
        tell(settings, found, now)
    # A warehouse that is away hinders several checks, and is told once.
    missing = dict.fromkeys(one.text for one in found if not one.ok)
    if missing:
        lines = "".join(f"\n- {text}" for text in missing)
        return _failed(KpiError(f"{count_of(len(missing), 'thing')} missing.{lines}"), _MISSING)
    # As hooks read the result of a run: it has nothing to tell.
    return {"messages": [], "result": [one.text for one in found]}


def _failed(error: KpiError, name: str = "Failed") -> "State[Any]":
    from prefect.states import Failed

    return Failed(message=str(error), data=error, name=name)
