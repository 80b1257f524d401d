"""Rows of people who were forgotten: left out of every checked file, whatever is delivered."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.errors import count_of
from flows.platform.forgetting.forgotten import forgotten_people
from flows.platform.forgetting.parquet_rows import without_people
from flows.platform.forgetting.people import People
from flows.platform.warehouse.connection import transaction
from flows.settings import Settings

logger = logging.getLogger(__name__)


def leave_forgotten_out(settings: Settings, folder: Path) -> dict[str, int]:
    """Take their rows out of the Parquet files of a folder; return how many, by the file's name.

    Raises KpiError when the key of the ledger is not here.
    """
    with _people(settings) as people:
        if people is None:
            return {}
        left_out = {}
        for path in sorted(folder.glob("*.parquet")):
            if rows := without_people(path, people).deleted:
                left_out[path.stem] = rows
    if left_out:
        told = ", ".join(f"{name}.csv {count_of(n, 'row')}" for name, n in left_out.items())
        logger.warning("Left out, being of people who were forgotten: %s.", told)
    return left_out


@contextmanager
def _people(settings: Settings) -> Iterator[People | None]:
    if settings.database_url is None:
        yield forgotten_people(settings)
        return
    with transaction(settings, "forgotten people") as connection:
        yield forgotten_people(settings, connection)
