"""Prefect's worker that starts processes; import it only after Prefect is configured."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from httpx import HTTPError, HTTPStatusError
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound
from prefect.states import Pending
from prefect.workers import base
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

from flows.platform.deployments.declared import WORK_POOL
from flows.platform.deployments.lost_runs import (
    LostRuns,
    tell_lineage_of_lost,
    told_when_claimed,
)
from flows.platform.deployments.work_pool import pool_is_gone
from flows.platform.orchestration.startup.engine import OURS, PREFECTS
from flows.quiet import without_warnings

logger = logging.getLogger(__name__)


@contextmanager
def _deleted_meanwhile() -> Iterator[None]:
    """Pass over what is not there any more: the next heartbeat sees whether it was the pool."""
    try:
        yield
    except ObjectNotFound:
        pass
    except HTTPStatusError as error:
        # Of some calls Prefect's client makes no ObjectNotFound, which would end its worker.
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise


class _OurEngine(ProcessJobConfiguration):
    """Starts Prefect's engine by a module of ours, which imports less."""

    def prepare_for_flow_run(self, *about: Any, **more: Any) -> None:
        """Complete the job; a command that somebody has set stays."""
        prefects: Any = super()
        prefects.prepare_for_flow_run(*about, **more)
        ended = (self.command or "").removesuffix(f" -m {PREFECTS}")
        if ended != self.command:
            self.command = f"{ended} -m {OURS}"


# Prefect says that it now finds this class under the type's name.
with without_warnings():

    class WatchfulWorker(ProcessWorker):
        """A process worker that looks for lost runs with each of its heartbeats."""

        job_configuration = _OurEngine

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._lost_runs = LostRuns(self.name)
            # Prefect looks it up there when it claims a run, and has no other place for a message.
            vars(base)["Pending"] = partial(Pending, message=told_when_claimed(self.name))
            # An empty one would look well, while the deployments belong to none.
            self._create_pool_if_not_found = False
            self._pool_is_there = True

        async def sync_with_backend(self) -> None:
            """Send a heartbeat, then look for lost runs; without a work pool, wait for it."""
            with _deleted_meanwhile():
                if self._client and await self._finds_pool(self._client):
                    prefects: Any = super()
                    await prefects.sync_with_backend()
                    await self._lost_runs.look(self._client, self._submitting_flow_run_ids)

        async def get_and_submit_flow_runs(self) -> list[Any]:
            """Start what is due, which is nothing without a work pool."""
            with _deleted_meanwhile():
                prefects: Any = super()
                return list(await prefects.get_and_submit_flow_runs())
            return []

        async def _propose_crashed_state(self, flow_run: FlowRun, *about: Any, **more: Any) -> None:
            """Report a run whose process was killed, and end it in its lineage."""
            # Prefect declares that there may be none: a worker that runs has one.
            client: PrefectClient = self._client  # type: ignore[assignment]
            before = None
            # Somebody may have deleted it meanwhile; what is raised here ends the worker.
            with suppress(HTTPError, ObjectNotFound):
                before = await client.read_flow_run(flow_run.id)
            prefects: Any = super()
            await prefects._propose_crashed_state(flow_run, *about, **more)
            if before and before.state and not before.state.is_final():
                # A run that could tell how it ends has done so.
                await tell_lineage_of_lost(client, before)

        async def _finds_pool(self, client: PrefectClient) -> bool:
            """Return whether the work pool is there, and say when that changes."""
            there = True
            try:
                await client.read_work_pool(WORK_POOL)
            except ObjectNotFound:
                there = False
            if self._pool_is_there and not there:
                logger.error("%s; this worker waits for it.", pool_is_gone())
            elif there and not self._pool_is_there:
                logger.warning("The work pool %s is there again.", WORK_POOL)
            self._pool_is_there = there
            return there
