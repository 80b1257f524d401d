"""Old lines of Prefect's logs: its API removes none, so this platform's server does when asked.

Nobody else reaches the database of a server in a container.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows.platform.deployments.server_calls import PrefectServer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

_PATH = "/kpi/old-logs"


def answer_for_old_logs(application: Any) -> None:
    """Let Prefect's application answer: GET counts the lines from `before`, DELETE removes some.

    DELETE takes at most `limit` of them in one transaction. Both say how many rows those were.
    """
    # Its own method: Prefect 2 brings a Starlette of its own, which takes no other's routes.
    application.add_route(f"/api{_PATH}", _answer, methods=["GET", "DELETE"])
    # Before the others, which take every path.
    routes = application.router.routes
    routes.insert(0, routes.pop())


async def _answer(request: "Request") -> "JSONResponse":
    import sqlalchemy as sa
    from prefect.server.database.dependencies import provide_database_interface
    from starlette.responses import JSONResponse

    try:
        before = datetime.fromisoformat(request.query_params["before"]).astimezone(UTC)
        limit = int(request.query_params.get("limit", "1"))
    except (KeyError, ValueError):
        return JSONResponse({"detail": "before is a time, and limit a number."}, status_code=422)
    database = provide_database_interface()
    line = database.Log
    async with database.session_context(begin_transaction=True) as session:
        if request.method == "DELETE":
            some = sa.select(line.id).where(line.timestamp < before).limit(limit)
            gone = await session.execute(sa.delete(line).where(line.id.in_(some)))
            rows = gone.rowcount
        else:
            counted = sa.select(sa.func.count()).select_from(line).where(line.timestamp < before)
            rows = (await session.execute(counted)).scalar_one()
    return JSONResponse({"rows": rows})


async def remove_logs_of_server(
    server: PrefectServer, since: datetime, *, batch: int, dry_run: bool
) -> int | None:
    """Let the server remove the lines from before a moment; return how many, a dry run counts.

    None when the server is none of this platform's, and has no such path. Killed at any place, the
    next run completes it. Raises KpiError when the server refuses.
    """
    path = f"{_PATH}?before={since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}&limit={batch}"
    counted = await server.get(path)
    if counted is None or dry_run:
        return None if counted is None else int(counted["rows"])
    removed = 0
    while gone := (await server.delete(path))["rows"]:
        removed += gone
    return removed
