"""What a Prefect server needs to run the deployments of `prefect.yaml`."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flows.platform.errors import KpiError
from flows.platform.paths import REPOSITORY
from flows.platform.pipeline import Pipeline
from flows.platform.prefect_server import prefect_answers
from flows.platform.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

WORK_POOL = "kpi"
TIME_ZONE = "kpi_time_zone"

_SHOWN_LINES = 10


def deploy(settings: Settings, pipelines: Iterable[Pipeline]) -> None:
    """Register everything with the Prefect server that PREFECT_API_URL names.

    That is the work pool, a queue for each pipeline that starts one run at a time, the variable
    with the time zone of the schedules, and what `prefect.yaml` declares. Done again, it changes
    nothing. Raises KpiError when Prefect refuses.
    """
    asyncio.run(_prepare(settings, [pipeline.title for pipeline in pipelines]))
    done = subprocess.run(
        [prefect_command(), "--no-prompt", "deploy", "--all"],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-_SHOWN_LINES:]
        raise KpiError("prefect deploy --all failed:\n" + "\n".join(said))


def prefect_command() -> str:
    """Return the `prefect` program of this installation."""
    return str(Path(sys.executable).with_name("prefect"))


def enter_project() -> dict[str, str]:
    """Make this project's folder the working directory, wherever the worker has it installed.

    The pull step of every deployment.
    """
    os.chdir(REPOSITORY)
    return {"directory": str(REPOSITORY)}


async def _prepare(settings: Settings, queues: list[str]) -> None:
    from prefect import get_client
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        raise KpiError(
            "PREFECT_API_URL is not set, so there is no Prefect server to deploy to. "
            "Start one with kpi up, or set it."
        )
    with prefect_answers():
        async with get_client() as client:
            await _make_pool(client)
            for queue in queues:
                await _make_queue(client, queue)
            await _set_variable(client, TIME_ZONE, settings.time_zone)


async def _make_pool(client: "PrefectClient") -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound
    from prefect.workers.process import ProcessWorker

    try:
        await client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        await client.create_work_pool(
            WorkPoolCreate(
                name=WORK_POOL,
                description="Flow runs as processes of a worker: kpi worker",
                type="process",
                base_job_template=template,
            )
        )


async def _make_queue(client: "PrefectClient", name: str) -> None:
    from prefect.exceptions import ObjectNotFound

    try:
        queue = await client.read_work_queue_by_name(name, work_pool_name=WORK_POOL)
    except ObjectNotFound:
        await client.create_work_queue(name, work_pool_name=WORK_POOL, concurrency_limit=1)
        return
    if queue.concurrency_limit != 1:
        await client.update_work_queue(queue.id, concurrency_limit=1)


async def _set_variable(client: "PrefectClient", name: str, value: str) -> None:
    from prefect.client.schemas.actions import VariableCreate, VariableUpdate

    if await client.read_variable_by_name(name) is None:
        await client.create_variable(VariableCreate(name=name, value=value))
    else:
        await client.update_variable(VariableUpdate(name=name, value=value))
