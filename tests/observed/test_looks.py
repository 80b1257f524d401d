"""One server that is silent or wrong costs its own metrics, and no other."""

import logging
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from flows.local.machine import LOOPBACK, POLL_SECONDS, free_port
from flows.observed import checks, collector
from flows.observed.looks import Look
from flows.observed.serve import serve
from flows.settings import Settings
from tests.observed.scrape import scraped


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that lets clients in, and never says a word."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server


def hears_still(server: socket.socket) -> bool:
    """Whether the first client that was let in still waits for an answer."""
    client, _ = server.accept()
    with client:
        client.setblocking(False)
        try:
            while client.recv(4096):
                pass
        except BlockingIOError:
            return True
        return False


def test_a_silent_warehouse_is_told_while_it_is_silent(
    silent: socket.socket, tmp_path: Path
) -> None:
    address = f"postgresql://x:y@{LOOPBACK}:{silent.getsockname()[1]}/x"
    port = free_port()
    serve(Settings.model_validate({"home": tmp_path, "database_url": address}), LOOPBACK, port)

    found = scraped(port)

    assert hears_still(silent)
    assert found["kpi_warehouse_up"] == {"": 0}
    assert found["kpi_check_ok"]["pipelines"] == 0
    assert found["kpi_disk_free_bytes"][""] > 0
    assert found["kpi_check_ok"]["disk"] == 1


def test_a_silent_prefect_hides_no_other(
    silent: socket.socket, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"http://{LOOPBACK}:{silent.getsockname()[1]}/api")
    port = free_port()
    serve(settings, LOOPBACK, port)

    found = scraped(port)

    assert found["kpi_prefect_up"] == {"": 0}
    assert found["kpi_check_ok"]["worker"] == 0
    assert found["kpi_warehouse_up"] == {"": 1}


@pytest.mark.parametrize("body", [b"{}", b"[]", b'"no"', b"null", b"<html>"])
def test_a_server_that_is_no_prefect_is_away(
    body: bytes, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 (the server's own names)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
        thread.start()
        monkeypatch.setenv("PREFECT_API_URL", f"http://{LOOPBACK}:{server.server_port}/api")
        port = free_port()
        serve(settings, LOOPBACK, port)
        found = scraped(port)
        server.shutdown()
        thread.join()

    assert found["kpi_prefect_up"] == {"": 0}
    assert found["kpi_check_ok"]["worker"] == 0
    assert found["kpi_warehouse_up"] == {"": 1}


@pytest.mark.parametrize("broken", ["_of_the_disk", "prefect_counts", "_of_the_warehouse"])
def test_what_nobody_foresaw_costs_its_own_metrics(
    broken: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: object) -> None:
        raise ArithmeticError("a cell of somebody")

    monkeypatch.setattr(collector, broken, fails)
    with caplog.at_level(logging.WARNING, "flows"):
        found = {metric.name for metric in collector.Platform(settings).collect()}

    assert "kpi_check_ok" in found
    assert ("kpi_disk_free_bytes" in found) == (broken != "_of_the_disk")
    assert ("kpi_open_rejects" in found) == (broken != "_of_the_warehouse")
    [told] = [record.getMessage() for record in caplog.records]
    assert "ArithmeticError in flows/observed" in told
    assert "a cell" not in told


def test_a_check_that_breaks_is_not_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(checks, "CHECKS", (disk,))
    monkeypatch.setattr(collector, "CHECKS", (disk,))
    assert [(one.check, one.ok) for one in checks.look(settings)] == [("disk", False)]
    [family] = [one for one in collector.Platform(settings).collect() if one.name == "kpi_check_ok"]
    assert [sample.value for sample in family.samples] == [0]


@pytest.fixture
def gate() -> Iterator[Event]:
    """What a look waits for; open at the end, so that no thread stays."""
    event = Event()
    yield event
    event.set()


def test_who_is_silent_is_asked_once_and_told_once(
    gate: Event, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("flows.observed.looks._PATIENCE_SECONDS", 0.01)
    asked = []

    def ask() -> str:
        asked.append(1)
        gate.wait()
        return "here"

    look = Look("somebody", ask, "unknown")
    for _ in range(3):
        look.begin()
        assert look.answer() == "unknown"
    assert (len(asked), len(caplog.records)) == (1, 1)
