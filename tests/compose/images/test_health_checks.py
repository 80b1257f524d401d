"""Health checks: one that starts waits for its service, and one that was well rests first."""

import json
import os
import runpy
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from flows.paths import REPOSITORY

ANSWERS = REPOSITORY / "compose" / "images" / "bin" / "answers"
COMPOSE = yaml.safe_load((REPOSITORY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
WELL = COMPOSE["x-well"].replace("$$", "$")
REST = 60


@pytest.fixture
def answers() -> list[tuple[int, str]]:
    """What the service answers to one question after the other; the last answer stays."""
    return []


@pytest.fixture
def address(answers: list[tuple[int, str]]) -> Iterator[str]:
    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, said = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health"
        server.shutdown()


@pytest.fixture
def slept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the check slept each time, with a clock that only sleeping moves."""
    naps: list[float] = []
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(time, "sleep", naps.append)
    monkeypatch.setattr(time, "monotonic", lambda: sum(naps))
    return naps


def check(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Run the check; return what it complains of."""
    monkeypatch.setattr(sys, "argv", ["answers", *arguments])
    try:
        runpy.run_path(str(ANSWERS))
    except SystemExit as ended:
        return str(ended.code)
    return ""


def test_who_starts_is_found_well_at_once_and_who_was_well_is_left_alone(
    answers: list[tuple[int, str]],
    address: str,
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers += [(503, ""), (503, ""), (200, "")]

    assert check(monkeypatch, address) == ""
    assert len(slept) == 2
    assert max(slept) < 1

    slept.clear()
    assert check(monkeypatch, address) == ""
    assert slept == [REST]


def test_who_is_ill_is_told_after_a_while_and_asked_without_a_rest(
    answers: list[tuple[int, str]],
    address: str,
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers += [(200, ""), (503, "")]
    assert check(monkeypatch, address) == ""

    assert "503" in check(monkeypatch, address)

    slept.clear()
    answers.append((200, ""))
    answers.pop(0)
    assert check(monkeypatch, address) == ""
    assert slept == []


def test_a_part_that_is_ill_is_named(
    answers: list[tuple[int, str]],
    address: str,
    slept: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ill, well = ({"scheduler": {"status": status}} for status in ("unhealthy", "healthy"))
    answers.append((200, json.dumps(ill)))
    assert "scheduler is {'status': 'unhealthy'}" in check(monkeypatch, address, "scheduler")
    assert slept

    answers[0] = (200, json.dumps(well))
    assert check(monkeypatch, address, "scheduler") == ""


def test_any_other_command_is_waited_for_and_rested_between_likewise(tmp_path: Path) -> None:
    """`sleep` only writes down for how long: the service is well at its third question."""
    programs, naps = tmp_path / "bin", tmp_path / "naps"
    programs.mkdir()
    for name, does in {
        "sleep": f'echo "$1" >> {naps}',
        "service": f'[ ! -e {tmp_path}/ill ] && [ "$(cat {naps} | wc -l)" -ge 2 ]',
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o755)
    naps.touch()

    def check() -> tuple[int, list[str]]:
        naps_before = len(naps.read_text().split())
        done = subprocess.run(
            ["sh", "-c", WELL, "well", "service"],
            env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)},
            check=False,
        )
        return done.returncode, naps.read_text().split()[naps_before:]

    assert check() == (0, ["2", "2"])
    assert check() == (0, [str(REST)])

    (tmp_path / "ill").touch()
    assert check() == (1, [str(REST), *["2"] * 10])
    (tmp_path / "ill").unlink()
    assert check() == (0, [])


def test_a_check_that_rests_and_waits_is_not_cut_short() -> None:
    """The engine calls a check that takes longer a failure."""
    asked = REST + 20 + 25
    timeouts = {
        name: service["healthcheck"]["timeout"]
        for name, service in COMPOSE["services"].items()
        if "healthcheck" in service
    }
    seconds = {name: int(t[:-1]) * (60 if t[-1] == "m" else 1) for name, t in timeouts.items()}
    assert min(seconds.values()) > asked
