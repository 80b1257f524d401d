"""Prefect's API in this process, on a database that other commands of the same home write too."""

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

pytestmark = [
    pytest.mark.xdist_group("prefect"),
    # Prefect 3 starts a server.
    pytest.mark.in_process,
    pytest.mark.usefixtures("prefect_api"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]


@contextmanager
def another_writes_first(times: int) -> Iterator[list[str]]:
    """Let another connection write whenever a block was looked up and is about to be written.

    SQLite then refuses the block's transaction, whose view of the database is too old. Yields a
    line for each write.
    """
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    database = Path(PREFECT_API_DATABASE_CONNECTION_URL.value().partition(":///")[2])
    written: list[str] = []

    def write(session: Session, *_: object) -> None:
        if len(written) < times and "BlockDocument" in {type(new).__name__ for new in session.new}:
            written.append(str(uuid4()))
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute(
                    "INSERT INTO configuration (id, created, updated, key, value)"
                    " VALUES (?, datetime(), datetime(), ?, '{}')",
                    [written[-1], written[-1]],
                )

    event.listen(Session, "before_flush", write)
    try:
        yield written
    finally:
        event.remove(Session, "before_flush", write)


def save(name: str) -> None:
    from prefect.blocks.system import Secret
    from pydantic.v1 import SecretStr

    block = Secret(value=SecretStr("of the block"))
    asyncio.run(block._save(name, overwrite=True))


def test_who_writes_at_the_same_time_tries_again_and_says_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with another_writes_first(times=1) as written, caplog.at_level(logging.ERROR, "prefect.server"):
        save("at-the-same-time")

    assert len(written) == 1
    assert "locked" not in caplog.text


def test_another_error_is_told(caplog: pytest.LogCaptureFixture) -> None:
    from flows.platform.orchestration.startup.api import import_prefect

    import_prefect()
    with caplog.at_level(logging.ERROR, "prefect.server"):
        logging.getLogger("prefect.server").error("in a request:", exc_info=OSError("no disk"))

    assert "OSError: no disk" in caplog.text
