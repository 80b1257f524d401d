"""An audit finds what is known, says so when nothing is, and never takes silence for that."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from flows.local.machine import LOOPBACK, free_port
from tests.supply_chain.command import supply_chain

LOCK = f"known==1.2.3 --hash=sha256:{'0' * 64}\nother==1.0 --hash=sha256:{'1' * 64}\n"
ADVISORY = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1"],
    "summary": "It lets anybody in.",
    "affected": [
        {
            "package": {"name": "known", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.4"}]}],
        }
    ],
}


@contextmanager
def advisory_source(status: int = 200, body: bytes | None = None) -> Iterator[str]:
    """An OSV server that knows one advisory, or that always answers the same."""

    class Source(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known: dict[str, Any] = {}
            if asked["package"]["name"] == "known" and asked["version"] == "1.2.3":
                known = {"vulns": [ADVISORY]}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(known).encode() if body is None else body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test says what it expects."""

    server = HTTPServer((LOOPBACK, 0), Source)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "locked.txt"
    file.write_text(LOCK)
    return file


def test_an_advisory_of_a_locked_package_is_found(lock: Path) -> None:
    with advisory_source() as source:
        done = supply_chain("audit", "--source", source, lock)
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines() == [
        f"{lock}: known 1.2.3: PYSEC-2026-1, CVE-2026-1; fixed in 1.2.4.",
        f"{lock}: 2 packages were asked about.",
        "Known vulnerabilities: 1.",
    ]


def test_none_is_said_to_be_known_by_whom(lock: Path) -> None:
    lock.write_text(LOCK.replace("1.2.3", "1.2.4"))
    with advisory_source() as source:
        done = supply_chain("audit", lock, KPI_ADVISORIES_URL=source)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"No known vulnerability, says {source}."


def test_a_source_that_is_not_there_is_not_reachable(lock: Path) -> None:
    source = f"http://{LOOPBACK}:{free_port()}/v1/query"
    done = supply_chain("audit", "--source", source, lock)
    assert done.returncode == os.EX_UNAVAILABLE
    assert done.stderr.startswith(f"kpi: not reachable: {source} did not answer, so nothing is ")
    assert done.stdout == ""


def test_a_source_that_is_out_of_order_is_not_reachable_either(lock: Path) -> None:
    with advisory_source(status=503) as source:
        done = supply_chain("audit", "--source", source, lock)
    assert done.returncode == os.EX_UNAVAILABLE
    assert done.stdout == ""


def test_a_page_that_is_no_answer_is_not_taken_for_one(lock: Path) -> None:
    with advisory_source(body=b"<html>Please log in</html>") as source:
        done = supply_chain("audit", "--source", source, lock)
    assert done.returncode == os.EX_SOFTWARE
    assert done.stderr.startswith(f"kpi: {lock} could not be audited: ")
    assert done.stdout == ""
