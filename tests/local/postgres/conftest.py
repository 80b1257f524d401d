"""Servers in folders of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.local.postgres.server import PostgresServer, wheel_binaries
from tests.local.postgres.servers import PATIENCE, Make


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are for one user."""
    folder = Path(tempfile.mkdtemp(prefix="kpi-test-")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes servers, in `tmp_path / "postgres"` unless told otherwise, and removes them."""
    made: list[PostgresServer] = []

    def make_server(
        folder: Path = tmp_path / "postgres",
        binaries: Path | None = None,
        fast_seconds: float = PATIENCE,
        **settings: str,
    ) -> PostgresServer:
        server = PostgresServer(
            binaries=binaries or wheel_binaries(),
            folder=folder,
            settings={"fsync": "off", **settings},
            fast_seconds=fast_seconds,
        )
        made.append(server)
        return server

    yield make_server
    for server in made:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
