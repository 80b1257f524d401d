"""Where events go, and what a receiver may do to a run: nothing."""

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Event as Gate
from threading import Thread
from typing import Any
from unittest.mock import patch

import pytest

from flows.local.machine import LOOPBACK, POLL_SECONDS, free_port
from flows.log_lines import WithRun
from flows.platform.pipeline.declaration import Dataset, Pipeline, Step
from flows.platform.pipeline.lineage import receiver
from flows.platform.pipeline.lineage.events import FACET_VERSIONS, run_event
from flows.platform.pipeline.lineage.receiver import as_client_event
from flows.platform.pipeline.plain_run import run_steps
from flows.platform.pipeline.run import Run
from flows.settings import Settings
from tests.platform.pipeline.lineage.read_events import SCHEMAS, events_of, kinds_of, validate


def tell(settings: Settings, run: Run) -> str:
    """Do what little there is to do."""
    return "told"


PIPELINE = Pipeline(
    "example",
    plan=f"{__name__}:plan",
    steps=(
        Step(
            f"{__name__}:tell",
            "Tell",
            inputs=(Dataset("model", "churn-model"),),
            outputs=(Dataset("file", "told.json"), Dataset("artifact", "bucket/page.html")),
        ),
    ),
)
ALL = [
    ("example", "START"),
    ("example.tell", "START"),
    ("example.tell", "COMPLETE"),
    ("example", "COMPLETE"),
]


@contextmanager
def http_receiver(status: int = 200, gate: Gate | None = None) -> Iterator[tuple[str, list[Any]]]:
    """Take events by HTTP; with a gate, answer only once it is open."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if gate:
                gate.wait(60)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}", received
        finally:
            if gate:
                gate.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a home of its own, on a machine that may be slow."""
    monkeypatch.setattr(receiver, "WAIT_SECONDS", 60)
    return Settings(home=tmp_path)


def run_it(settings: Settings) -> None:
    assert run_steps(PIPELINE, settings, Run(as_of=date(2026, 1, 1))) == {"tell": "told"}


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what anybody warned of: the libraries that send as well."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_file_in_the_home_has_every_event(local: Settings) -> None:
    run_it(local)
    assert kinds_of(events_of(local)) == ALL


def test_a_receiver_takes_every_event_by_http(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_receiver() as (url, received):
        monkeypatch.setenv("OPENLINEAGE_URL", url)
        run_it(local)
    for event in received:
        validate(event)
    assert kinds_of(received) == ALL
    assert not (local.home / "lineage").exists()


def test_nothing_is_told_when_lineage_is_off(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    run_it(local)
    assert events_of(local) == []


def test_a_line_of_the_file_of_settings_counts(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with patch.dict(os.environ), http_receiver() as (url, received):
        (local.home / ".env").write_text(f"OPENLINEAGE_URL={url}\n", encoding="utf-8")
        monkeypatch.chdir(local.home)
        run_it(local)
    assert kinds_of(received) == ALL


def test_an_unreachable_receiver_is_told_once(
    local: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(receiver, "WAIT_SECONDS", 0.5)
    monkeypatch.setenv("OPENLINEAGE_URL", f"http://{LOOPBACK}:{free_port()}")
    run_it(local)
    run_it(local)
    assert len(warnings(caplog)) == 1


def test_each_line_about_a_receiver_has_the_id_of_its_run(
    local: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(WithRun(logging.Formatter("%(message)s")))
    logging.getLogger("flows").addHandler(handler)
    try:
        with http_receiver(404) as (url, _):
            monkeypatch.setenv("OPENLINEAGE_URL", url)
            run_steps(PIPELINE, local, Run(as_of=date(2026, 1, 1), run_id="a/run"))
    finally:
        logging.getLogger("flows").removeHandler(handler)
    assert lines.getvalue().startswith("a/run | The lineage receiver ")


@pytest.mark.parametrize("status", [404, 500])
def test_a_receiver_that_answers_with_an_error_is_told_once(
    status: int,
    local: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(receiver, "WAIT_SECONDS", 0.5)
    with http_receiver(status) as (url, _):
        monkeypatch.setenv("OPENLINEAGE_URL", url)
        run_it(local)
        run_it(local)
    assert len(warnings(caplog)) == 1


def test_a_slow_receiver_is_not_waited_for(
    local: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(receiver, "WAIT_SECONDS", 0.5)
    gate = Gate()
    with http_receiver(gate=gate) as (url, received):
        monkeypatch.setenv("OPENLINEAGE_URL", url)
        run_it(local)
        # On a slow machine the client has sent the first one again meanwhile.
        assert set(kinds_of(received)) <= {ALL[0]}
        [told] = warnings(caplog)
    assert "is too slow" in told


def test_settings_that_the_client_refuses_are_told_without_them(
    local: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT", '{"type": "s3cret-carrier"}')
    run_it(local)
    time.sleep(0)
    [told] = warnings(caplog)
    assert "s3cret" not in told


def test_a_home_that_cannot_be_written_is_told_once(
    local: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (local.home / "lineage").write_text("a file", encoding="utf-8")
    run_it(local)
    run_it(local)
    assert len(warnings(caplog)) == 1


def test_the_client_s_object_says_the_same(local: Settings) -> None:
    from openlineage.client.serde import Serde

    run = Run(as_of=date(2026, 1, 1))
    event = run_event("COMPLETE", local, PIPELINE, run, PIPELINE.steps[0], error="3 rows are bad.")
    sent = json.loads(Serde.to_json(as_client_event(event)))
    assert {**sent, "schemaURL": ""} == {**event, "schemaURL": ""}


def test_each_facet_has_the_version_of_its_schema_and_of_the_client() -> None:
    from openlineage.client import facet_v2

    for name, version in FACET_VERSIONS.items():
        kept = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        assert kept["$id"].split("/")[-2] == version
        urls = [
            getattr(module, name)._get_schema()
            for module in vars(facet_v2).values()
            if hasattr(module, name)
        ]
        assert all(f"/{version}/" in url for url in urls)
        assert urls
