"""A person in what a real Prefect server keeps: searched by content in its database afterwards."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from flows.errors import KpiError
from flows.forgetting.prefect import forget_in_prefect
from flows.forgetting.trace import by_place
from flows.local.machine import wait_until
from flows.platform.forgetting.people import People
from flows.settings import Settings
from tests.forgetting.kept import holds
from tests.forgetting.traces import USER
from tests.prefect_server import PATIENCE, PrefectServer, ask, running_server

# It shares Prefect's layout with others, and starts a server three times.
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("prefect")]

WORDS = f"because user {USER} asked"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrefectServer]:
    """A server with a run that a person asked for and answered, with a report about that."""
    with running_server(tmp_path) as server:
        flow = server.post("/flows/", {"name": "churn-training"})["id"]
        failed = {"type": "FAILED", "message": f"Key (user_id)=({USER}) is duplicated."}
        asked = {"flow_id": flow, "name": WORDS, "tags": [WORDS], "parameters": {"why": WORDS}}
        run = server.post("/flow_runs/", {**asked, "state": failed})["id"]
        report = json.dumps([{"reason": f"approved: {WORDS}", "rows": 47}])
        server.post(
            "/artifacts/",
            {
                **{"key": "promotion", "type": "table", "data": report, "description": WORDS},
                "flow_run_id": run,
            },
        )
        answer = json.dumps({"approve": True, "by": f"Ana for {USER}", "why": WORDS})
        server.post(f"/flow_runs/{run}/input", {"key": "paused-1-response", "value": answer})
        line = {"name": "x", "level": 40, "message": WORDS, "flow_run_id": run}
        ask(server.url, "POST", "/logs/", [{**line, "timestamp": "2026-06-30T12:00:00Z"}])
        # The server tells of the state by itself, some seconds later.
        assert wait_until(lambda: has_told(server), PATIENCE)
        yield server


def has_told(server: PrefectServer) -> bool:
    """Return whether its events say that the run has failed."""
    with closing(sqlite3.connect(server.database)) as connection:
        told = connection.execute("SELECT 1 FROM events WHERE event = 'prefect.flow-run.Failed'")
        return told.fetchone() is not None


def kept(server: PrefectServer) -> set[str]:
    """Return where the id is: in the database's file, in the log beside it."""
    parts = server.database.parent.glob(f"{server.database.name}*")
    return {part.name for part in parts if holds(part.read_bytes(), USER)}


@pytest.mark.parametrize("reached", ["by its address", "in the home"])
def test_a_server_keeps_nobody_who_is_forgotten(
    server: PrefectServer, reached: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    if reached == "by its address":
        settings = Settings(home=tmp_path / "another")
        monkeypatch.setenv("PREFECT_API_URL", f"{server.url}/api")
    else:
        monkeypatch.delenv("PREFECT_API_URL", raising=False)
    her, somebody = People(str(USER)), People("48")
    assert kept(server)
    assert by_place(forget_in_prefect(settings, somebody, dry_run=False)) == []
    would = by_place(forget_in_prefect(settings, her, dry_run=True))
    assert kept(server)

    done = by_place(forget_in_prefect(settings, her, dry_run=False))

    assert [(trace.place, trace.done) for trace in done] == [
        ("Prefect's database", "made nameless")
    ]
    assert done == would
    assert kept(server) == set()
    (artifact,) = server.post("/artifacts/filter", {})
    x = "x" * len(str(USER))
    assert json.loads(artifact["data"]) == [
        {"reason": f"approved: because user {x} asked", "rows": 47}
    ]
    assert by_place(forget_in_prefect(settings, her, dry_run=False)) == []


def test_no_page_of_somebody_else_s_hides_anything(server: PrefectServer) -> None:
    asked = {"numbers": [str(USER)], "dry_run": False}
    refused = httpx.post(f"{server.url}/api/kpi/people", json=asked)
    assert (refused.status_code, refused.json()) == (403, {"detail": "Missing CSRF token."})
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        server.post("/kpi/people", {"numbers": 1})
    assert kept(server)


def test_a_server_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(KpiError, match="does not answer as it should"):
        forget_in_prefect(Settings(home=tmp_path), People("7"), dry_run=True)


def test_a_server_that_is_none_of_this_platform_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It has none of our paths.
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{other.server_port}/api")
        with pytest.raises(KpiError, match="not searched: its server is none of this platform"):
            forget_in_prefect(Settings(home=tmp_path), People("7"), dry_run=True)
        other.shutdown()
