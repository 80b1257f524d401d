"""Run a Prefect flow in this process, for the commands."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from flows.errors import DataRejected, KpiError
from flows.lazy_imports import quick_imports
from flows.local.services.lifecycle import use_running_platform
from flows.platform.deployments.server_calls import require_server
from flows.platform.orchestration.blocks import require_result_block
from flows.platform.orchestration.environment import configure_prefect
from flows.platform.orchestration.run_logs import known_once_created
from flows.platform.orchestration.startup.api import import_prefect, prefect_errors
from flows.platform.warehouse.connection import database_url
from flows.settings import Settings

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.states import State


def run_flow_in_process(
    settings: Settings, load: "Callable[[], Flow[Any, Any]]", **parameters: Any
) -> str:
    """Run the flow that `load` imports, and return the id of its run.

    `load` is called once Prefect is configured, which must be before it is imported. Raises
    DataRejected with the flow's sentence when the run failed, KpiError when the block is missing
    that leads its result to S3, or when Prefect does not answer.
    """
    settings = use_running_platform(settings)
    configure_prefect(settings)
    require_server()
    # The flow reads the settings itself, as it does under a Prefect worker.
    os.environ["KPI_DATABASE_URL"] = database_url(settings)
    import_prefect()
    # A flow asks for the block as it is imported.
    require_result_block(settings)
    with quick_imports():
        flow = load()
    with prefect_errors(), known_once_created():
        state = cast("State[Any]", flow(**parameters, return_state=True))
    if not state.is_completed():
        raise DataRejected(_why(state) or "The run failed; see the log above.")
    return str(state.state_details.flow_run_id)


def _why(state: "State[Any]") -> str | None:
    """Return the error's sentence, values included, which the state's message leaves out."""
    from prefect.exceptions import MissingResult

    with suppress(MissingResult):
        error = state.result(raise_on_failure=False)
        if isinstance(error, KpiError):
            return error.marked
    return state.message
