"""A server that crashes forgets what was judged, and nothing else: the next run makes it anew."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.connection import connect
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings
from tests.crypto_rows import add_rows, change_row, prod, publish, remove_rows


@pytest.fixture
def own_server(tmp_path: Path, postgres_binaries: Path) -> Iterator[PostgresServer]:
    """A server that no other test uses."""
    server = PostgresServer(binaries=postgres_binaries, folder=tmp_path / "postgres")
    server.start()
    yield server
    server.stop()


def crash(server: PostgresServer) -> None:
    """Stop the server without a checkpoint, and start it: it recovers."""
    assert server.pid
    os.kill(server.pid, signal.SIGQUIT)
    while server.running:
        time.sleep(0.05)
    server.start()


def test_the_next_run_judges_its_window_anew(own_server: PostgresServer, quick: Settings) -> None:
    settings = quick.model_copy(update={"database_url": SecretStr(own_server.url("postgres"))})
    migrate(settings)
    with connect(settings, "test", autocommit=True) as db:
        changed, removed, _ = add_rows(
            db, {}, {"user_id": "7"}, {"user_id": "8", "purchase_date": "8/3/2025"}
        )
        publish(settings)
        change_row(db, changed, purchase_price="70000")
    crash(own_server)
    with connect(settings, "test", autocommit=True) as db:
        for table in ("judged", "judged_days"):
            assert db.execute(f"SELECT FROM raw.bt_crypto_{table}").fetchall() == []
        remove_rows(db, removed)
        add_rows(db, {"user_id": "9"})

        publication = publish(settings)

        assert (publication.inserted, publication.updated, publication.deactivated) == (1, 1, 1)
        assert publication.unchanged == 1
        assert [(row["user_id"], row["is_active"]) for row in prod(db)] == [
            (8, True),
            (7, False),
            (9, True),
            (100012, True),
        ]
        assert publish(settings, verify=True).unchanged == 3
