"""Register what a Prefect server needs to run the deployments of `prefect.yaml`.

Only what differs from the server's current state is written.
"""

import asyncio
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.platform.deployments.declared import (
    WORK_POOL,
    declared,
    run_in_project,
    variables_used,
)
from flows.platform.deployments.server_calls import PrefectServer, has, prefect_server
from flows.platform.deployments.work_pool import PROCESS, job_template, require_type
from flows.settings import Settings

TIME_ZONE = "kpi_time_zone"

_DESCRIPTIONS = {
    PROCESS: "Flow runs as processes of a worker: kpi worker",
    "docker": "Flow runs as containers, which a worker starts: kpi worker",
    "kubernetes": "Flow runs as jobs of Kubernetes, which a worker starts: kpi worker",
}


def deploy(settings: Settings, flows: Sequence[str]) -> None:
    """Register everything with the Prefect server at PREFECT_API_URL.

    That is the work pool, a queue per named flow that runs one flow run at a time, the variable
    with the schedules' time zone, and what `prefect.yaml` declares, as `prefect deploy --all`
    registers it. Running it again writes nothing, unless somebody changed or deleted something
    on the server. Raises KpiError when Prefect refuses, or has the work pool as another type, and
    BadInput for a job template that is none.
    """
    template = job_template(settings)
    asyncio.run(_deploy(settings, template, flows))


async def _deploy(
    settings: Settings, template: dict[str, Any] | None, queues: Sequence[str]
) -> None:
    kind = settings.prefect_work_pool_type
    async with prefect_server() as server:
        pool = await server.get(f"/work_pools/{WORK_POOL}")
        if pool is not None:
            require_type(pool, kind)
        await _set_variable(server, TIME_ZONE, settings.time_zone)
        if not version("prefect").startswith("2."):
            await _make_pool(server, pool, kind, template)
            await _make_queues(server, queues)
            _deploy_with_prefects_command()
            return
        used = {name: await _variable(server, name) for name in variables_used()}
        wanted = declared(used, settings.home)
        if pool is None and template is None:
            template = wanted["template"]
        await _make_pool(server, pool, kind, template)
        await _make_queues(server, queues)
        await _register(server, wanted["deployments"])


def _deploy_with_prefects_command() -> None:
    prefect = str(Path(sys.executable).with_name("prefect"))
    run_in_project([prefect, "--no-prompt", "deploy", "--all"], "prefect deploy --all failed")


async def _make_pool(
    server: PrefectServer,
    pool: dict[str, Any] | None,
    kind: str,
    template: dict[str, Any] | None,
) -> None:
    """Make the pool, or give the one that is there this template; None leaves that as it is."""
    if pool is None:
        description = _DESCRIPTIONS[kind]
        body = {"name": WORK_POOL, "description": description, "type": kind}
        template = template or _template_of_processes()
        await server.post("/work_pools/", {**body, "base_job_template": template})
    elif template is not None and pool["base_job_template"] != template:
        await server.patch(f"/work_pools/{WORK_POOL}", {"base_job_template": template})


def _template_of_processes() -> dict[str, Any]:
    from prefect.workers.process import ProcessWorker

    return dict(ProcessWorker.get_default_base_job_template())


async def _make_queues(server: PrefectServer, names: Sequence[str]) -> None:
    path = f"/work_pools/{WORK_POOL}/queues"
    known = {queue["name"]: queue for queue in await server.post(f"{path}/filter", {})}
    for name in names:
        if name not in known:
            await server.post(path, {"name": name, "concurrency_limit": 1})
        elif known[name]["concurrency_limit"] != 1:
            await server.patch(f"{path}/{name}", {"concurrency_limit": 1})


async def _variable(server: PrefectServer, name: str) -> Any:
    found = await server.get(f"/variables/name/{name}")
    return None if found is None else found["value"]


async def _set_variable(server: PrefectServer, name: str, value: str) -> None:
    found = await server.get(f"/variables/name/{name}")
    if found is None:
        await server.post("/variables/", {"name": name, "value": value})
    elif found["value"] != value:
        await server.patch(f"/variables/{found['id']}", {"value": value})


async def _register(server: PrefectServer, wanted: list[dict[str, Any]]) -> None:
    names = sorted({deployment["flow"] for deployment in wanted})
    of_ours = {"flows": {"name": {"any_": names}}}
    flows = {flow["name"]: flow["id"] for flow in await server.post("/flows/filter", of_ours)}
    known = {
        (found["flow_id"], found["name"]): found
        for found in await server.post("/deployments/filter", of_ours)
    }
    for deployment in wanted:
        flow, body = deployment["flow"], deployment["body"]
        if flow not in flows:
            flows[flow] = (await server.post("/flows/", {"name": flow}))["id"]
        found = known.get((flows[flow], body["name"]))
        if found is None or not has(found, _compared(body)):
            found = await server.post("/deployments/", {**body, "flow_id": flows[flow]})
        if deployment["automations"] is not None:
            await _own_automations(server, found["id"], deployment)


def _compared(body: dict[str, Any]) -> dict[str, Any]:
    # The server derives `schedule` from `schedules`, and keeps job variables set there when we
    # have none.
    return {
        name: value
        for name, value in body.items()
        if name != "schedule" and (value or name != "job_variables")
    }


async def _own_automations(server: PrefectServer, made: str, deployment: dict[str, Any]) -> None:
    """Give the deployment exactly the automations of its triggers."""
    wanted = [_with_id(body, deployment["id"], made) for body in deployment["automations"]]
    owner = f"prefect.deployment.{made}"
    related = await server.get(f"/automations/related-to/{owner}") or []
    mine = [found for found in related if found.get("owner_resource", owner) == owner]
    if len(mine) == len(wanted) and all(any(has(one, body) for one in mine) for body in wanted):
        return
    await server.delete(f"/automations/owned-by/{owner}")
    for body in wanted:
        await server.post("/automations/", body)


def _with_id(part: Any, former: str, now: str) -> Any:
    if isinstance(part, dict):
        return {name: _with_id(value, former, now) for name, value in part.items()}
    if isinstance(part, list):
        return [_with_id(value, former, now) for value in part]
    return part.replace(former, now) if isinstance(part, str) else part
