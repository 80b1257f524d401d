"""A server ends when it is told to, whatever state its own processes are in."""

import os
import signal
from contextlib import suppress

import psutil

from flows.local.machine import wait_until
from flows.local.postgres.server import PostgresServer
from tests.local.postgres.servers import PATIENCE, Make, run


def process_of(server: PostgresServer, kind: str) -> psutil.Process:
    """One of the server's own processes, by what PostgreSQL calls it."""
    found = []
    for child in psutil.Process(server.pid).children():
        with suppress(psutil.Error):  # it ended just now
            if kind in " ".join(child.cmdline()):
                found.append(child)
    [process] = found
    return process


def test_a_server_that_cannot_end_by_itself_is_ended(make: Make) -> None:
    server = make(fast_seconds=1)
    server.start()
    run(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    process_of(server, "checkpointer").suspend()
    server.stop()
    assert not server.running
    server.start()
    assert run(server, "SELECT answer FROM kept") == 42


def test_a_server_that_was_left_stopping_is_ended_and_started(make: Make) -> None:
    server = make(fast_seconds=1)
    server.start()
    run(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    process_of(server, "checkpointer").suspend()
    assert server.pid is not None
    os.kill(server.pid, signal.SIGINT)  # and whoever did so was killed
    assert wait_until(lambda: server._status() == "stopping", PATIENCE)
    server.start()
    assert run(server, "SELECT answer FROM kept") == 42
