"""A worker goes on whatever becomes of the runs that it started, and of their lineage."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from flows.platform.deployments.declared import WORK_POOL
from flows.platform.orchestration.startup.engine import OURS

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]

Meanwhile = Callable[[Any, Any], Awaitable[None]]


async def told_of_a_killed_run(meanwhile: Meanwhile) -> None:
    """Let a worker hear that the process of its run ended badly; `meanwhile` comes before."""
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.states import Running

    from flows.platform.deployments.process_worker import WatchfulWorker

    @flow(name="killed")
    def example() -> None:
        """Never called."""

    async with get_client() as client:
        run = await client.create_flow_run(example)
        await client.set_flow_run_state(run.id, Running(), force=True)
        worker = WatchfulWorker(work_pool_name=WORK_POOL)
        worker._client = client
        await meanwhile(client, run)
        await worker._propose_crashed_state(run, "Its process ended with 1.")


def test_a_run_that_somebody_deleted_does_not_end_the_worker() -> None:
    async def deleted(client: Any, run: Any) -> None:
        await client.delete_flow_run(run.id)

    asyncio.run(told_of_a_killed_run(deleted))


def test_settings_that_are_wrong_by_now_cost_the_lineage_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def wrong(client: Any, run: Any) -> None:
        monkeypatch.setenv("KPI_TIME_ZONE", "Mars")

    asyncio.run(told_of_a_killed_run(wrong))

    told = [record.message for record in caplog.records if record.name.endswith("lost_runs")]
    assert len(told) == 1
    assert told[0].startswith("No lineage of flow run ")
    assert told[0].endswith(" (BadInput).")


@pytest.mark.parametrize(
    ("set_there", "started"),
    [(None, f"{sys.executable} -m {OURS}"), ("nice python run.py", "nice python run.py")],
)
def test_a_run_is_started_by_our_engine_unless_somebody_set_a_command(
    set_there: str | None, started: str
) -> None:
    from prefect.client.schemas.objects import FlowRun

    from flows.platform.deployments.process_worker import WatchfulWorker

    job = WatchfulWorker.job_configuration(command=set_there)
    job.prepare_for_flow_run(FlowRun(flow_id=uuid4(), work_pool_id=None))

    assert job.command == started
