"""The work pool's worker: it starts what Prefect's server schedules, as the pool's type says."""

import asyncio
import os
import signal
from pkgutil import iter_modules

from flows.errors import KpiError
from flows.lazy_imports import quick_imports
from flows.platform.deployments.declared import WORK_POOL
from flows.platform.deployments.lost_runs import HEARTBEAT_SECONDS, name_of_worker
from flows.platform.deployments.work_pool import PROCESS, pool_is_gone, require_worker
from flows.platform.orchestration.startup.api import import_prefect, prefect_errors

# The modules of the `prefect` CLI that its `worker` command needs.
_NEEDED = {"root", "worker"}


def run_worker(host: str, port: int) -> None:
    """Become a worker of the pool's type, with its health check at `host:port`.

    One of processes also marks lost runs. Does not return. Prefect must be configured but not
    imported yet. Raises KpiError when no server is named, when it does not answer or has no work
    pool of ours, or when the worker of its type is not installed.
    """
    os.environ["PREFECT_WORKER_WEBSERVER_HOST"] = host
    os.environ["PREFECT_WORKER_WEBSERVER_PORT"] = str(port)
    os.environ.setdefault("PREFECT_WORKER_QUERY_SECONDS", "3")
    os.environ.setdefault("PREFECT_WORKER_HEARTBEAT_SECONDS", str(HEARTBEAT_SECONDS))
    import_prefect()
    import prefect

    _require_address()
    with quick_imports(when_used=_other_commands(f"{prefect.__path__[0]}/cli")):
        from prefect.cli import worker
        from prefect.cli.root import app

        from flows.platform.deployments.process_worker import WatchfulWorker
    with prefect_errors():
        kind = asyncio.run(_greet())
    require_worker(kind)
    # Prefect stops a worker with SIGINT, which background jobs of a shell ignore.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if kind == PROCESS:
        # Import only the worker type we use; the others cost a second.
        vars(worker)["load_prefect_collections"] = lambda: {"prefect": WatchfulWorker}
    command = ["worker", "start", "--pool", WORK_POOL, "--type", kind, "--name", name_of_worker()]
    app([*command, "--with-healthcheck", "--install-policy", "never"], prog_name="prefect")


def _require_address() -> None:
    """Raise KpiError where neither a variable nor a profile of Prefect's names a server."""
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        raise KpiError(
            "PREFECT_API_URL is not set, so there is no Prefect server to work for. Start one, "
            "and its worker, with kpi up, or set it."
        )


async def _greet() -> str:
    """Return the type of the work pool."""
    from prefect import get_client
    from prefect.exceptions import ObjectNotFound

    async with get_client() as client:
        await client.hello()
        try:
            pool = await client.read_work_pool(WORK_POOL)
        except ObjectNotFound:
            raise KpiError(f"{pool_is_gone()}, then start the worker again.") from None
    return str(pool.type)


def _other_commands(folder: str) -> list[str]:
    names = {module.name for module in iter_modules([folder]) if not module.name.startswith("_")}
    return sorted(f"prefect.cli.{name}" for name in names - _NEEDED)
