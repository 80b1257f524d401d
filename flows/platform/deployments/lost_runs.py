"""Flow runs whose process is gone: Prefect would show them as running forever.

Each worker process has a name of its own, which says on which host it runs. Prefect keeps its
heartbeats, and each run that it claims says so in its state Pending: a run is judged by the process
that started it, whatever other workers its host has. In containers the host's name is the
container's id: it survives a restart, and no replica shares it.
"""

import asyncio
import logging
import re
import socket
from collections.abc import Collection, Iterable
from datetime import datetime
from secrets import token_hex
from typing import TYPE_CHECKING
from uuid import UUID

import psutil

from flows.platform.deployments.declared import WORK_POOL
from flows.platform.pipeline.lineage.runner import tell_lost
from flows.settings import load_settings

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun, Worker

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
# In heartbeats of the worker that listens: clocks differ, and while the server is away all fall
# silent. Another host may only be cut off from the server for a while.
_SILENT_AFTER = 6
_SILENT_ELSEWHERE_AFTER = 18
_RUN_ID = "PREFECT__FLOW_RUN_ID"
_CLAIMED_BY = "Claimed by the worker "
_LOST = (
    "Its process is gone: the worker, or the machine, went down. No step is half done; "
    "run it again."
)


def name_of_worker() -> str:
    """Return a new name for this process as a worker: no other process ever has the same."""
    return f"{WORK_POOL}-{socket.gethostname()}-{token_hex(3)}"


def told_when_claimed(worker: str) -> str:
    """Return the message of the state Pending of each run that this worker claims."""
    return _CLAIMED_BY + worker


class LostRuns:
    """What one worker knows of the others, and of the runs that nobody carries on."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._heard: dict[str, tuple[datetime | None, int]] = {}
        self._suspects: set[UUID] = set()

    async def look(self, client: "PrefectClient", starting: Collection[UUID]) -> list[str]:
        """Mark lost runs as crashed, and return their names; call it after each heartbeat.

        On this host a run is lost when its process is gone and its worker has fallen silent; on
        another one when all workers of that host have, for one of them would know of its process.
        `starting` are the runs for which this worker is about to start a process. Raises
        httpx.HTTPError when the server does not answer.
        """
        # In this order: a run that began meanwhile has a process or a worker that is heard of.
        runs = await _begun(client)
        carried_on = _run_here(run.id for run in runs) | set(starting)
        suspects = [run for run in runs if run.id not in carried_on]
        owners = {run.id: await _owner(client, run) for run in suspects}
        heard_of = self._heard_of(
            await client.read_workers_for_work_pool(WORK_POOL), filter(None, owners.values())
        )
        lost = [run for run in suspects if self._is_lost(run, owners[run.id], heard_of)]
        # A process that ended just now has told so by the next time.
        before, self._suspects = self._suspects, {run.id for run in lost}
        lost = [run for run in lost if run.id in before]
        for run in lost:
            await _mark(client, run)
        return [run.name for run in lost]

    def _heard_of(self, workers: "Iterable[Worker]", owners: Iterable[str]) -> dict[str, bool]:
        """Return whether each other worker is heard of; those that Prefect forgot are silent."""
        listed = {worker.name: worker.last_heartbeat_time for worker in workers}
        beats: dict[str, datetime | None] = {**dict.fromkeys(owners), **listed}
        beats.pop(self._worker, None)
        for name, beat in beats.items():
            before, unchanged = self._heard.get(name, (None, 0))
            self._heard[name] = (beat, unchanged + 1 if beat == before else 0)
        return {name: self._heard[name][1] < _silent_after(name) for name in beats}

    def _is_lost(self, run: "FlowRun", owner: str | None, heard_of: dict[str, bool]) -> bool:
        if owner and _host(owner) == socket.gethostname():
            # This worker's own run, too: its end could not be told while the server was away.
            return not heard_of.get(owner, False)
        alive: dict[str, bool] = {socket.gethostname(): False}
        for name, heard in heard_of.items():
            alive[_host(name)] = alive.get(_host(name), False) or heard
        if owner:
            return not alive[_host(owner)]
        if alive.get("", False):
            # A worker of Prefect's own command is somewhere, and does not say where.
            return False
        if run.infrastructure_pid is None:
            # Some worker claimed it and died before starting it.
            return bool(run.state and run.state.is_pending()) and not any(alive.values())
        host = run.infrastructure_pid.rpartition(":")[0]
        return not alive.get(host, True)


async def _begun(client: "PrefectClient") -> "list[FlowRun]":
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
        WorkPoolFilter,
        WorkPoolFilterName,
    )
    from prefect.client.schemas.objects import StateType

    begun = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    state = FlowRunFilterState(name=None, type=FlowRunFilterStateType(any_=begun))
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=state),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[WORK_POOL])),
    )


async def _owner(client: "PrefectClient", run: "FlowRun") -> str | None:
    """Return the worker that claimed the run last; None if it did not say so, as earlier ones."""
    states = await client.read_flow_run_states(run.id)
    for state in sorted(states, key=lambda state: state.timestamp, reverse=True):
        if state.message and state.message.startswith(_CLAIMED_BY):
            return str(state.message.removeprefix(_CLAIMED_BY))
    return None


async def _mark(client: "PrefectClient", run: "FlowRun") -> None:
    from prefect.states import Crashed

    # Forced only where Prefect wants the run's own process: an end told meanwhile stands.
    cancelling = bool(run.state and run.state.type.value == "CANCELLING")
    await client.set_flow_run_state(run.id, Crashed(message=_LOST), force=cancelling)
    logger.warning("Marked flow run %s (%s) as crashed.", run.name, run.id)
    await tell_lineage_of_lost(client, run)


async def tell_lineage_of_lost(client: "PrefectClient", run: "FlowRun") -> None:
    """End the run in its lineage, where it has begun: its own process cannot any more.

    Whatever becomes of that, the worker goes on: what hinders it is a line in the log.
    """
    if run.start_time is None:
        return
    try:
        flow = await client.read_flow(run.flow_id)
        # Beside the heartbeats: a slow receiver is waited for.
        name = flow.name.replace("-", "_")
        await asyncio.to_thread(tell_lost, load_settings(), name, str(run.id))
    except Exception as error:
        logger.warning("No lineage of flow run %s (%s).", run.id, type(error).__name__)


def _silent_after(worker: str) -> int:
    return _SILENT_AFTER if _host(worker) == socket.gethostname() else _SILENT_ELSEWHERE_AFTER


def _host(worker: str) -> str:
    """Return the host that a worker's name tells; empty for a name that is none of ours."""
    # Without the last part: as workers of earlier versions were named.
    named = re.fullmatch(rf"{WORK_POOL}-(.+?)(-[0-9a-f]{{6}})?", worker)
    return named[1] if named else ""


def _run_here(runs: Iterable[UUID]) -> set[UUID]:
    """Return which of the runs a process on this machine carries on."""
    names = {str(run): run for run in runs}
    found = set()
    for process in psutil.process_iter() if names else ():
        try:
            told = {process.environ().get(_RUN_ID, ""), *process.cmdline()}
        except psutil.Error:
            continue
        found |= {names[name] for name in told & names.keys()}
    return found
