"""A person in what Prefect keeps: results of runs, and the texts of its database.

None of these should name anybody; what a driver's or a person's words brought there, is made
nameless.
"""

import asyncio
import json
import os
from pathlib import Path

from flows.errors import KpiError
from flows.forgetting.trace import Trace
from flows.platform.deployments.forget_route import forget_on_server
from flows.platform.deployments.server_calls import prefect_server
from flows.platform.forgetting.people import People
from flows.platform.forgetting.prefect_texts import InPrefect, hide_in_prefect
from flows.platform.forgetting.texts_in_json import texts_without
from flows.platform.storage.atomic_files import replacing
from flows.platform.storage.layout import prefect_home
from flows.settings import Settings

_SERVER = "PREFECT_API_URL"


def result_without_people(content: bytes, people: People) -> tuple[bytes, int]:
    """Return a run's result without their ids in its texts, and how many ids those were.

    Its numbers are counts. Raises ValueError when it is no JSON.
    """
    kept, found = texts_without(json.loads(content), people)
    return (json.dumps(kept).encode(), found) if found else (content, 0)


def forget_in_result(path: Path, people: People, *, place: str, dry_run: bool) -> list[Trace]:
    """Make a run's result in the home nameless. Raises KpiError when it cannot be read."""
    try:
        content, found = result_without_people(path.read_bytes(), people)
    except (ValueError, OSError) as error:
        raise KpiError(f"{path} cannot be searched: it is no result of ours in JSON") from error
    if found and not dry_run:
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    return [Trace(place, found, "made nameless")]


def forget_in_prefect(settings: Settings, people: People, *, dry_run: bool) -> list[Trace]:
    """Make the texts in Prefect's databases nameless: the home's, and the server's.

    A server's database is reached where the settings name it; otherwise the server is asked that
    `PREFECT_API_URL` names. Raises KpiError when one refuses, or is none of this platform's.
    """
    found = []
    if (database := prefect_home(settings) / "prefect.db").is_file():
        found.append(hide_in_prefect(settings, database, people, dry_run=dry_run))
    if settings.prefect_database_url:
        address = settings.prefect_database_url.get_secret_value()
        found.append(hide_in_prefect(settings, address, people, dry_run=dry_run))
    elif os.environ.get(_SERVER):
        found.append(asyncio.run(_on_server(settings, people, dry_run=dry_run)))
    return [
        Trace("Prefect's database", sum(each.hidden for each in found), "made nameless"),
        Trace(
            "Prefect: deployments, variables, automations, searches",
            sum(each.left for each in found),
            "left",
        ),
    ]


async def _on_server(settings: Settings, people: People, *, dry_run: bool) -> InPrefect:
    # It reads all its texts, as a statement reads a table.
    async with prefect_server(settings.statement_timeout_seconds) as server:
        found = await forget_on_server(server, people, dry_run=dry_run)
    if found is None:
        raise KpiError(
            "Prefect's database was not searched: its server is none of this platform's. "
            "KPI_PREFECT_DATABASE_URL names the database to search."
        )
    return found
