"""Flow runs whose process is gone: Prefect would show them as running forever."""

import asyncio
import logging
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psutil

from flows.platform.deployments.declared import WORK_POOL

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

logger = logging.getLogger(__name__)

_STARTING = timedelta(minutes=5)
_FLOW_ENGINE = {"prefect.engine", "prefect.flow_engine"}
_LOST = (
    "Its process is gone: the worker, or the machine, went down. No step is half done; "
    "run it again."
)


def mark_lost_runs() -> list[str]:
    """Mark as crashed the runs that a worker on this machine left behind; return their names.

    A worker marks runs whose process dies. This handles runs whose worker died too; call it before
    the next worker starts.
    """
    return asyncio.run(_mark_lost_runs())


async def _mark_lost_runs() -> list[str]:
    from prefect import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
        WorkPoolFilter,
        WorkPoolFilterName,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    begun = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    state = FlowRunFilterState(name=None, type=FlowRunFilterStateType(any_=begun))
    in_our_pool = WorkPoolFilter(name=WorkPoolFilterName(any_=[WORK_POOL]))
    async with get_client() as client:
        runs = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=state), work_pool_filter=in_our_pool
        )
        lost = [run for run in runs if _is_lost(run)]
        for run in lost:
            await client.set_flow_run_state(run.id, Crashed(message=_LOST), force=True)
            logger.warning("Marked flow run %s (%s) as crashed.", run.name, run.id)
    return [run.name for run in lost]


def _is_lost(run: "FlowRun") -> bool:
    if run.infrastructure_pid is None:
        # A worker claimed it and died before starting it.
        claimed = run.state.timestamp if run.state else None
        return claimed is not None and datetime.now(UTC) - claimed > _STARTING
    # A process worker writes `host:pid`. We cannot judge a run on another machine.
    host, _, pid = run.infrastructure_pid.rpartition(":")
    return host == socket.gethostname() and pid.isdigit() and not _runs_a_flow(int(pid))


def _runs_a_flow(pid: int) -> bool:
    # The pid may have been reused, especially in a container.
    try:
        return _FLOW_ENGINE.intersection(psutil.Process(pid).cmdline()) != set()
    except psutil.Error:
        return False
