"""The app in a real Chromium: a server of its own, on real PostgreSQL and MLflow.

Excluded from `make test`, because it needs a browser; a missing one fails with a sentence.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from benchmarks.app.chromium import chromium
from benchmarks.app.served import served_app
from flows.local.machine import LOOPBACK
from flows.settings import Settings

# Two cores have other work to do, too; what is there sooner is not waited for.
_PATIENCE = 60_000
# What this machine does not serve: people read these pages where there is no internet. The browser
# finds no such name; to route each request through the test would switch its cache off.
_NO_NAMES = f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}"
_OUTSIDE = re.compile(rf"^(https?|wss?)://(?!{re.escape(LOOPBACK)}[:/])")
_REFUSED = "csp"
expect.set_options(timeout=_PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with chromium(_NO_NAMES) as started:
        yield started


@pytest.fixture(scope="session")
def laptop(browser: Browser) -> Iterator[BrowserContext]:
    """What the pages of all tests share: the app's scripts, which are most of a page's start."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture(scope="session")
def telephone(browser: Browser) -> Iterator[BrowserContext]:
    """The same of a small screen."""
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        yield context


@pytest.fixture
def page(laptop: BrowserContext) -> Iterator[Page]:
    """A page as on a laptop; errors of its own scripts and requests to the internet fail."""
    yield from _page(laptop)


@pytest.fixture
def phone(telephone: BrowserContext) -> Iterator[Page]:
    """A page as on a phone."""
    yield from _page(telephone)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Settings], str]]:
    """Starts the app with settings, returns its address, and ends it after the test."""
    with ExitStack() as running:
        yield lambda settings: running.enter_context(served_app(settings, tmp_path / "app.log"))


def _page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    requests: list[tuple[str, Request]] = []
    page.on("request", lambda request: requests.append((request.url, request)))
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    yield page
    page.close()
    assert not errors
    # What the app's policy refuses was never asked for.
    asked = [url for url, request in requests if request.failure != _REFUSED]
    assert not list(filter(_OUTSIDE.match, asked + sockets))
