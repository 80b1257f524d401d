"""Forgetting on this platform's Prefect server: nobody else reaches its database in containers.

The server tells which numbers stand in its texts, and is told which of them to hide. So it needs
no key of the ledger, and learns of nobody whom it does not know.
"""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import KpiError
from flows.platform.deployments.server_calls import PrefectServer
from flows.platform.forgetting.people import People, person_of
from flows.platform.forgetting.prefect_texts import (
    InPrefect,
    hide_in_prefect,
    numbers_in_prefect,
)
from flows.settings import load_settings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

_PATH = "/kpi/people"


def answer_for_people(application: Any) -> None:
    """Let Prefect's application answer: GET tells the numbers in its texts, POST hides some.

    POST takes `numbers`, and with `dry_run` it only counts.
    """
    application.add_route(f"/api{_PATH}", _answer, methods=["GET", "POST"])
    # Before the others, which take every path.
    routes = application.router.routes
    routes.insert(0, routes.pop())


async def _answer(request: "Request") -> "JSONResponse":
    from starlette.responses import JSONResponse

    settings, address = load_settings(), _address()
    try:
        if request.method == "GET":
            numbers = await asyncio.to_thread(numbers_in_prefect, settings, address)
            return JSONResponse({"numbers": sorted(numbers)})
        asked = await request.json()
        people = People(hashes=filter(None, map(person_of, asked["numbers"])))
        found = await asyncio.to_thread(
            hide_in_prefect, settings, address, people, dry_run=bool(asked["dry_run"])
        )
    except KpiError as error:
        return JSONResponse({"detail": str(error)}, status_code=500)
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"detail": "numbers is a list, and dry_run a truth."}, status_code=422)
    return JSONResponse(asdict(found))


def _address() -> Path | str:
    """Return where the server that runs here keeps what it knows."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
    from sqlalchemy.engine import make_url

    url = make_url(PREFECT_API_DATABASE_CONNECTION_URL.value())
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "")
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def forget_on_server(
    server: PrefectServer, people: People, *, dry_run: bool
) -> InPrefect | None:
    """Let the server hide their ids; a dry run counts them.

    None when the server is none of this platform's, and has no such path. Raises KpiError when it
    refuses.
    """
    told = await server.get(_PATH)
    if told is None:
        return None
    theirs = people.among(told["numbers"])
    if not theirs:
        return InPrefect()
    return InPrefect(**await server.post(_PATH, {"numbers": theirs, "dry_run": dry_run}))
