"""The embedded warehouse is shared: the first user starts it, the last one stops it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from pydantic import SecretStr

from flows.errors import KpiError
from flows.local.postgres import client
from flows.local.postgres.client import has_database
from flows.local.postgres.server import PostgresServer
from flows.local.postgres.shared import (
    embedded_server,
    is_embedded,
    is_left_behind,
    running_warehouse,
    stop_warehouse,
)
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import connect
from flows.settings import Settings
from tests.environment.foreign_variables import FOREIGN
from tests.environment.small_disk import needs_root, small_disk

USE = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from flows.local.postgres.shared import running_warehouse
from flows.settings import load_settings
with running_warehouse(load_settings()):
    print("started", flush=True)
    sys.stdin.readline()
"""

_SECONDS = 60
User = subprocess.Popen[str]


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Settings]:
    """Settings without a database URL; whatever they started is removed."""
    settings = Settings(home=tmp_path / "kpi")
    yield settings
    embedded_server(settings).stop()
    shutil.rmtree(settings.home, ignore_errors=True)


@pytest.fixture
def warehouse_server(embedded: Settings) -> PostgresServer:
    return embedded_server(embedded)


@pytest.fixture
def another_user(embedded: Settings) -> Iterator[Callable[[], User]]:
    """Starts processes that use the warehouse until they read a line."""
    with ExitStack() as users:

        def start() -> User:
            user = subprocess.Popen(
                [sys.executable, "-c", USE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            users.enter_context(user)
            users.callback(user.kill)
            assert user.stdout is not None
            assert user.stdout.readline() == "started\n"
            return user

        yield start


def end(user: User) -> None:
    user.communicate("\n")
    assert user.returncode == 0


def test_runs_for_the_time_of_the_block(
    embedded: Settings, warehouse_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Variables for another server do not lead away from this one.
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    for _ in range(2):  # the second time, the database exists
        with running_warehouse(embedded) as settings, connect(settings, "test") as connection:
            row = connection.execute("SELECT current_database() AS name").fetchone()
        assert row == {"name": "crypto_db"}
        assert is_embedded(settings)
        # Other users of the machine see nothing of it.
        assert not embedded.home.stat().st_mode & 0o007
        assert not warehouse_server.running
    assert embedded.database_url is None


def test_a_database_that_somebody_dropped_is_made_again(embedded: Settings) -> None:
    for _ in range(2):
        with running_warehouse(embedded):
            server = embedded_server(embedded)
            assert has_database(server, "crypto_db", _SECONDS)
            assert not has_database(server, "another", _SECONDS)
            with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                connection.execute("DROP DATABASE crypto_db")
            assert not has_database(server, "crypto_db", _SECONDS)


def test_a_database_that_was_seen_costs_no_process_to_see_again(
    embedded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_warehouse(embedded):
        server = embedded_server(embedded)
        assert has_database(server, "crypto_db", _SECONDS)
        monkeypatch.setattr(client, "wheel_binaries", lambda: Path("/no/such/folder"))
        assert has_database(server, "crypto_db", _SECONDS)
        # One that another server of the same folder had, and which has the same number here.
        os.utime(server.data / "PG_VERSION", (0, 0))
        with pytest.raises(FileNotFoundError):
            has_database(server, "crypto_db", _SECONDS)


def test_a_database_url_is_used_as_it_is(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "kpi", database_url=SecretStr("postgresql://elsewhere/db"))
    with running_warehouse(settings) as used:
        assert used is settings
        assert not is_embedded(used)
    assert not settings.home.exists()


def test_stops_when_the_block_fails(embedded: Settings, warehouse_server: PostgresServer) -> None:
    with pytest.raises(ZeroDivisionError), running_warehouse(embedded):
        raise ZeroDivisionError
    assert not warehouse_server.running


def test_the_last_of_two_processes_stops_it(
    embedded: Settings, warehouse_server: PostgresServer, another_user: Callable[[], User]
) -> None:
    user = another_user()
    pid = warehouse_server.pid
    with running_warehouse(embedded) as settings:
        pass
    assert warehouse_server.pid == pid
    with psycopg.connect(settings.database_url.get_secret_value() if settings.database_url else ""):
        pass
    end(user)
    assert not warehouse_server.running


def test_a_killed_process_does_not_count(
    embedded: Settings, warehouse_server: PostgresServer, another_user: Callable[[], User]
) -> None:
    user = another_user()
    user.kill()
    user.wait()
    assert warehouse_server.running
    with running_warehouse(embedded):
        pass
    assert not warehouse_server.running


def test_many_at_once_share_one_server(
    embedded: Settings, warehouse_server: PostgresServer
) -> None:
    barrier = Barrier(3)

    def use(_: int) -> int | None:
        barrier.wait()
        with running_warehouse(embedded):
            barrier.wait()
            return warehouse_server.pid

    with ThreadPoolExecutor(3) as pool:
        pids = set(pool.map(use, range(3)))
    assert len(pids) == 1
    assert not warehouse_server.running


def test_is_not_stopped_under_a_user(
    embedded: Settings, warehouse_server: PostgresServer, another_user: Callable[[], User]
) -> None:
    user = another_user()
    with pytest.raises(KpiError, match="still uses the embedded server"):
        stop_warehouse(embedded)
    assert warehouse_server.running
    end(user)
    assert not warehouse_server.running


def test_stopping_what_never_was_leaves_no_trace(embedded: Settings) -> None:
    assert not stop_warehouse(embedded)
    assert not embedded.home.exists()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "postgres").touch()
    with (
        pytest.raises(KpiError, match="cannot be written"),
        running_warehouse(Settings(home=tmp_path)),
    ):
        pass


def test_what_went_wrong_first_is_told(embedded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = PostgresServer.stop

    def stop_badly(server: PostgresServer) -> None:
        stop(server)
        raise KpiError("PostgreSQL does not stop.")

    monkeypatch.setattr(PostgresServer, "stop", stop_badly)
    with pytest.raises(ValueError, match="this came first"), running_warehouse(embedded):
        raise ValueError("this came first")
    with pytest.raises(KpiError, match="does not stop"), running_warehouse(embedded):
        pass
    monkeypatch.undo()


def test_a_server_of_a_killed_command_is_seen(
    embedded: Settings, another_user: Callable[[], User]
) -> None:
    assert not is_left_behind(embedded)
    user = another_user()
    assert not is_left_behind(embedded)
    user.kill()
    user.wait()
    assert is_left_behind(embedded)
    assert stop_warehouse(embedded)
    assert not is_left_behind(embedded)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 160) as disk:
        yield disk


@needs_root
def test_a_full_disk_is_told_and_with_room_again_all_goes_on(disk: Path, tmp_path: Path) -> None:
    delivery = tmp_path / "large.csv"
    with delivery.open("w") as file:
        file.write("site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units\n")
        file.writelines(f"BRASIL,{n},10/3/2025,BTC,60000,1\n" for n in range(600_000))
    environment = {**os.environ, "KPI_HOME": str(disk / "kpi")}
    kpi = Path(sys.executable).with_name("kpi")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [kpi, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    first = run("ingest", str(delivery))
    assert first.returncode == 1
    told = re.fullmatch(
        r"kpi: The disk is full: nothing was stored\. (\d+) MB are needed in \S+, and \d+ MB are "
        r"left: make room there, then run again\.",
        first.stderr.splitlines()[-1],
    )
    assert told
    assert "Traceback" not in first.stderr
    assert not embedded_server(Settings(home=disk / "kpi")).running

    enough = shutil.disk_usage(disk).used // 2**20 + int(told[1])
    subprocess.run(["mount", "-o", f"remount,size={enough}m", disk], check=True)
    stored = (
        "SELECT count(*) FROM raw.bt_crypto_transaction_history WHERE source_name = 'large.csv'"
    )
    count = run("psql", "-Atc", stored)
    assert (count.returncode, count.stdout, count.stderr) == (0, "0\n", "")
    assert run("ingest", str(delivery)).returncode == 0
    assert run("psql", "-Atc", stored).stdout == "600000\n"
