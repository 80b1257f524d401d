"""Which runs a worker marks as crashed: each is judged by the process that started it."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from flows.platform.deployments.declared import WORK_POOL
from flows.platform.deployments.lost_runs import LostRuns, name_of_worker, told_when_claimed
from flows.settings import Settings
from tests.platform.pipeline.lineage.read_events import events_of

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

HERE = socket.gethostname()
ELSEWHERE = f"{WORK_POOL}-elsewhere-abcdef"
A_MINUTE, THREE_MINUTES = 8, 21  # in looks: six and eighteen heartbeats, and what comes before


class Workers:
    """The workers of a pool in Prefect's API; one of them, `me`, looks for lost runs."""

    def __init__(self, client: Any, deployment: UUID) -> None:
        self.client = client
        self.me = name_of_worker()
        self._deployment = deployment
        self._lost = LostRuns(self.me)

    async def start_run(self, worker: str | None, host: str = HERE) -> UUID:
        """Begin a run, as this worker does; None is one of an earlier version."""
        from prefect.states import Pending, Running

        run = await self.client.create_flow_run_from_deployment(self._deployment)
        claimed = Pending(message=told_when_claimed(worker)) if worker else Pending()
        await self.client.set_flow_run_state(run.id, claimed, force=True)
        await self.client.update_flow_run(run.id, infrastructure_pid=f"{host}:1")
        await self.client.set_flow_run_state(run.id, Running(), force=True)
        return UUID(str(run.id))

    async def look(self, times: int, *alive: str) -> None:
        """Look so often; each time the workers that are alive are heard of before."""
        for _ in range(times):
            for name in (self.me, *alive):
                await self.client.send_worker_heartbeat(WORK_POOL, name)
            await self._lost.look(self.client, [])

    async def states(self, *runs: UUID) -> list[str]:
        """Return the types of the runs' states."""
        return [(await self.client.read_flow_run(run)).state.type.value for run in runs]


async def play(story: Callable[[Workers], Awaitable[None]]) -> None:
    """Tell the story in a pool of its own."""
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate

    @flow(name="lost")
    def example() -> None:
        """Never called."""

    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))
        try:
            deployment = await client.create_deployment(
                await client.create_flow(example), "test", work_pool_name=WORK_POOL
            )
            await story(Workers(client, deployment))
            await client.delete_deployment(deployment)
        finally:
            await client.delete_work_pool(WORK_POOL)


def test_a_run_of_a_dead_worker_is_crashed_whoever_else_lives_on_its_host() -> None:
    async def story(workers: Workers) -> None:
        dead, neighbour = name_of_worker(), name_of_worker()
        await workers.look(1, dead, neighbour)
        lost, kept = await workers.start_run(dead), await workers.start_run(neighbour)

        await workers.look(3, neighbour)
        assert await workers.states(lost, kept) == ["RUNNING", "RUNNING"]

        await workers.look(A_MINUTE, neighbour)
        assert await workers.states(lost, kept) == ["CRASHED", "RUNNING"]

    asyncio.run(play(story))


def test_a_lost_run_ends_in_its_lineage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_HOME", str(tmp_path))
    started = []

    async def story(workers: Workers) -> None:
        dead = name_of_worker()
        await workers.look(1, dead)
        started.append(await workers.start_run(dead))
        await workers.look(A_MINUTE)

    asyncio.run(play(story))
    [event] = events_of(Settings(home=tmp_path))
    assert (event["job"]["name"], event["eventType"]) == ("lost", "ABORT")
    assert event["run"]["runId"] == str(started[0])
    # Nobody knows its day here.
    assert "nominalTime" not in event["run"]["facets"]


def test_a_run_whose_process_lives_is_left_alone() -> None:
    async def story(workers: Workers) -> None:
        dead, neighbour = name_of_worker(), name_of_worker()
        await workers.look(1, dead, neighbour)
        run = await workers.start_run(dead)
        process = subprocess.Popen(
            [sys.executable, "-c", "input()"],
            env={**os.environ, "PREFECT__FLOW_RUN_ID": str(run)},
            stdin=subprocess.PIPE,
        )
        with process:
            await workers.look(A_MINUTE, neighbour)
            assert await workers.states(run) == ["RUNNING"]
            process.communicate(b"\n")
        await workers.look(2, neighbour)
        assert await workers.states(run) == ["CRASHED"]

    asyncio.run(play(story))


def test_another_host_is_left_to_its_own_workers_and_given_three_minutes() -> None:
    async def story(workers: Workers) -> None:
        dead = f"{WORK_POOL}-elsewhere-123456"
        run = await workers.start_run(dead, "elsewhere")
        await workers.look(THREE_MINUTES, ELSEWHERE)
        assert await workers.states(run) == ["RUNNING"]

        await workers.look(A_MINUTE)
        assert await workers.states(run) == ["RUNNING"]
        await workers.look(THREE_MINUTES)
        assert await workers.states(run) == ["CRASHED"]

    asyncio.run(play(story))


def test_a_run_that_no_worker_says_it_claimed_is_judged_by_its_host() -> None:
    async def story(workers: Workers) -> None:
        neighbour = name_of_worker()
        run = await workers.start_run(None)
        await workers.look(A_MINUTE, neighbour)
        assert await workers.states(run) == ["RUNNING"]

        await workers.look(A_MINUTE)
        assert await workers.states(run) == ["CRASHED"]

    asyncio.run(play(story))
