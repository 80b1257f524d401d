"""`kpi up`, `down`, `status`, `logs`, with PostgreSQL alone; tests/local has the whole platform."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from flows.local.machine import wait_until
from flows.local.postgres.server import PostgresServer
from flows.local.postgres.shared import embedded_server
from flows.local.services.lifecycle import platform_supervisor, stop_platform
from flows.settings import load_settings
from tests.commands.command_result import CommandResult

# Platforms that start at the same moment may choose the same ports.
pytestmark = pytest.mark.xdist_group("platform")

Kpi = Callable[..., CommandResult]

KPI = Path(sys.executable).with_name("kpi")


@pytest.fixture
def embedded() -> Iterator[PostgresServer]:
    """The server that the commands start; stopped afterwards, whatever happened."""
    settings = load_settings()
    yield embedded_server(settings)
    stop_platform(settings)


def test_up_stays_and_down_stops(embedded: PostgresServer, kpi_process: Kpi) -> None:
    started = kpi_process("up", "postgres")
    assert started.code == 0, started.err
    assert f"PostgreSQL      port {embedded.port}" in started.out
    assert "kpi down" in started.out
    assert embedded.ready()
    pid = embedded.pid
    assert kpi_process("up", "postgres").code == 0
    assert embedded.pid == pid

    printed = kpi_process("db", "url")
    with psycopg.connect(printed.out.strip()) as connection:
        row = connection.execute("SELECT count(*) FROM dqm.schema_migrations").fetchone()
        assert row is not None
        assert row[0] > 0

    assert kpi_process("down").out == "Stopped PostgreSQL.\n"
    assert not embedded.running
    assert kpi_process("down").out == "Nothing runs.\n"


def test_status_and_logs_tell_state_port_and_places(
    embedded: PostgresServer, kpi_process: Kpi
) -> None:
    before = kpi_process("status")
    assert before.code == 0
    assert before.out.count("stopped") == 6
    assert not embedded.folder.exists()
    silent = kpi_process("logs")
    assert (silent.code, "Start the platform with kpi up" in silent.sentence) == (1, True)

    kpi_process("up", "postgres")

    running = next(line for line in kpi_process("status").out.splitlines() if "postgres " in line)
    assert running.split() == ["postgres", "well", "port", str(embedded.port), str(embedded.log)]
    told = kpi_process("status", "--format", "json")
    postgres, *others = json.loads(told.out)
    assert (postgres["name"], postgres["state"]) == ("postgres", "well")
    assert (postgres["port"], postgres["log"]) == (embedded.port, str(embedded.log))
    assert {service["state"] for service in others} == {"stopped"}
    assert "ready to accept connections" in kpi_process("logs", "postgres").out


def test_a_server_that_was_killed_comes_back(embedded: PostgresServer, kpi_process: Kpi) -> None:
    kpi_process("up", "postgres")
    pid = embedded.pid
    assert pid is not None

    subprocess.run(["kill", "-9", str(pid)], check=True)

    assert wait_until(lambda: embedded.pid not in (None, pid) and embedded.ready(), 60)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_stops_what_was_started(embedded: PostgresServer) -> None:
    supervisor = platform_supervisor(load_settings())
    with subprocess.Popen([KPI, "up"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as up:
        assert wait_until(lambda: supervisor.states().get("prefect") == "STARTING", 60, moment=True)
        up.send_signal(signal.SIGINT)
        said = up.communicate(timeout=120)

    assert up.returncode == 130
    assert b"Traceback" not in said[0] + said[1]
    assert supervisor.pid is None
    assert not embedded.running


def test_nothing_outlives_a_killed_supervisor(embedded: PostgresServer, kpi_process: Kpi) -> None:
    kpi_process("up", "postgres")
    supervisor = platform_supervisor(load_settings())

    subprocess.run(["kill", "-9", str(supervisor.pid)], check=True)

    assert wait_until(lambda: not embedded.running, 60)
    assert kpi_process("up", "postgres").code == 0
    assert embedded.ready()


def test_what_cannot_be_started_is_told(
    embedded: PostgresServer, kpi_process: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = kpi_process("up", "postgresql")
    assert unknown.code == 2
    assert "There is no service postgresql; there are postgres, prefect" in unknown.sentence

    monkeypatch.setenv("KPI_DATABASE_URL", "postgresql://me:secret@elsewhere:6543/db")
    refused = kpi_process("up")
    assert (refused.code, "KPI_DATABASE_URL" in refused.sentence) == (1, True)
    status = kpi_process("status")
    assert "The warehouse is the one that KPI_DATABASE_URL names." in status.out
    assert "secret" not in status.out
    assert not embedded.running
