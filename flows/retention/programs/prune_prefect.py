"""Remove old flow runs from Prefect, by its own API, and old logs, which that does not remove.

Task runs go with their flow runs.
"""

import asyncio
import logging
from typing import Any

from flows.platform.deployments.old_logs_route import remove_logs_of_server
from flows.platform.deployments.server_calls import PrefectServer
from flows.platform.orchestration.old_logs import remove_old_logs
from flows.platform.orchestration.startup.api import import_prefect, prefect_errors
from flows.retention.ledger import Pruned, PrunedPlaces, record_all
from flows.retention.run import PruneRun
from flows.settings import Settings

logger = logging.getLogger(__name__)

FLOW_RUNS = "Prefect flow runs"
ARTIFACTS = "Prefect artifacts"
LOGS = "Prefect logs"

_ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")
_AT_ONCE = 200  # as many as Prefect lists


def prune_prefect(settings: Settings, run: PruneRun) -> PrunedPlaces:
    """Remove ended flow runs that were due before the kept period, each after its artifacts.

    Killed at any place, the next run completes it. Raises KpiError when Prefect does not answer,
    or its database refuses to remove old logs.
    """
    import_prefect()
    since = run.kept_since(settings.retention.prefect_days, settings)
    with prefect_errors():
        places = asyncio.run(_prune(settings, run))
        logs = remove_old_logs(settings, since, dry_run=not run.removes)
        if logs is None:
            logs = asyncio.run(_logs(settings, run))
    if logs is None:
        logger.warning(
            "Prefect keeps its logs from before %s: its server is none of this platform's. "
            "KPI_PREFECT_DATABASE_URL names the database that they are removed from.",
            since.date(),
        )
    kept_from = run.kept_from(settings.retention.prefect_days)
    return record_all(settings, run, [*places, Pruned(LOGS, kept_from, rows=logs or 0)])


async def _logs(settings: Settings, run: PruneRun) -> int | None:
    from prefect import get_client

    kept = settings.retention
    async with get_client() as client:
        return await remove_logs_of_server(
            PrefectServer(client._client),
            run.kept_since(kept.prefect_days, settings),
            batch=kept.batch_rows,
            dry_run=not run.removes,
        )


async def _prune(settings: Settings, run: PruneRun) -> list[Pruned]:
    from prefect import get_client

    days = settings.retention.prefect_days
    # Prefect filters by no end; a run that never began has this time, too.
    ended = {
        "expected_start_time": {"before_": run.kept_since(days, settings).isoformat()},
        "state": {"type": {"any_": _ENDED}},
    }
    flow_runs = artifacts = 0
    async with get_client() as client:
        server = PrefectServer(client._client)
        while found := await _page(server, ended, 0 if run.removes else flow_runs):
            flow_runs += len(found)
            artifacts += await _artifacts(server, run, [each["id"] for each in found])
            if run.removes:
                for each in found:
                    await server.delete(f"/flow_runs/{each['id']}")
    kept_from = run.kept_from(days)
    return [
        Pruned(FLOW_RUNS, kept_from, rows=flow_runs),
        Pruned(ARTIFACTS, kept_from, rows=artifacts),
    ]


async def _page(server: PrefectServer, ended: dict[str, Any], offset: int) -> list[Any]:
    body = {"flow_runs": ended, "sort": "END_TIME_DESC", "limit": _AT_ONCE, "offset": offset}
    return list(await server.post("/flow_runs/filter", body))


async def _artifacts(server: PrefectServer, run: PruneRun, flow_runs: list[str]) -> int:
    """Remove the artifacts of the flow runs, which Prefect keeps otherwise; return how many."""
    removed = 0
    while True:
        body = {
            "artifacts": {"flow_run_id": {"any_": flow_runs}},
            "limit": _AT_ONCE,
            "offset": 0 if run.removes else removed,
        }
        found = await server.post("/artifacts/filter", body)
        if not found:
            return removed
        removed += len(found)
        if run.removes:
            for artifact in found:
                await server.delete(f"/artifacts/{artifact['id']}")
