"""Notifications reach a webhook, or a log line says why not; a dead webhook fails nothing."""

import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.local.machine import free_port
from flows.platform.pipeline import notifications
from flows.platform.pipeline.notifications import collected_notifications, notify, post
from flows.settings import Settings
from tests.webhook import webhook

CANARY = "T0-webhook-secret"


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.INFO)
    yield
    assert CANARY not in caplog.text


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what notifications logged, whatever a thread of another test logs meanwhile."""
    return [
        record.getMessage() for record in caplog.records if record.name == notifications.__name__
    ]


@pytest.fixture
def to(tmp_path: Path) -> Callable[[str], Settings]:
    """Settings with that webhook."""
    return lambda url: Settings(home=tmp_path, webhook_url=SecretStr(url))


def test_a_text_is_delivered(
    to: Callable[[str], Settings], caplog: pytest.LogCaptureFixture
) -> None:
    with webhook() as hook:
        assert CANARY in hook.url
        assert notify(to(hook.url), "Published 11 rows, “ñ” too")
    assert hook.texts == ["Published 11 rows, “ñ” too"]
    assert messages(caplog) == ["Published 11 rows, “ñ” too"]


def test_without_a_webhook_there_is_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not notify(Settings(home=tmp_path), "fine")
    assert messages(caplog) == ["fine"]


def test_signs_that_slack_reads_are_written_as_text(to: Callable[[str], Settings]) -> None:
    with webhook() as hook:
        assert post(to(hook.url), "a < b & c", ("http://prefect/1", "run <1>"))
    assert hook.texts == ["a &lt; b &amp; c\n<http://prefect/1|run &lt;1&gt;>"]


def test_collected_texts_are_logged_and_wait(
    to: Callable[[str], Settings], caplog: pytest.LogCaptureFixture
) -> None:
    with webhook() as hook:
        with collected_notifications() as outer, collected_notifications() as inner:
            assert not notify(to(hook.url), "waits")
        assert hook.texts == []
        assert notify(to(hook.url), "goes")
    assert (inner, outer) == (["waits"], [])
    assert hook.texts == ["goes"]
    assert messages(caplog) == ["waits", "goes"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_refusal_is_logged(
    status: int, to: Callable[[str], Settings], caplog: pytest.LogCaptureFixture
) -> None:
    with webhook(status) as hook:
        assert not notify(to(hook.url), "fine")
    assert messages(caplog) == ["fine", f"The webhook answered {status}."]


@pytest.mark.parametrize(
    "url", [f"http://127.0.0.1:%s/{CANARY}", f"no-url-{CANARY}", f"http://[{CANARY}", "http://a\n"]
)
def test_nobody_there_is_logged(
    url: str, to: Callable[[str], Settings], caplog: pytest.LogCaptureFixture
) -> None:
    assert not notify(to(url.replace("%s", str(free_port()))), "fine")
    assert messages(caplog)[1].startswith("The webhook could not be reached (")


def test_a_webhook_that_hangs_is_given_up(
    to: Callable[[str], Settings],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifications, "_TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert not notify(to(f"http://127.0.0.1:{port}/{CANARY}"), "fine")
    assert messages(caplog)[1:] == ["The webhook could not be reached (ReadTimeout)."]
