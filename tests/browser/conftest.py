"""The app in a real Chromium: a server of its own, on real PostgreSQL and MLflow.

Excluded from `make test`, because it needs a browser; a missing one fails with a sentence.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.app.chromium import chromium
from benchmarks.app.served import served_app
from flows.local.machine import LOOPBACK
from flows.settings import Settings

# Two cores have other work to do, too; what is there sooner is not waited for.
_PATIENCE = 60_000
# What this machine does not serve: people read these pages where there is no internet.
_OUTSIDE = re.compile(rf"^(https?|wss?)://(?!{re.escape(LOOPBACK)}[:/])")
expect.set_options(timeout=_PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page as on a laptop; errors of its own scripts and requests to the internet fail."""
    yield from _page(browser, width=1280, height=900)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page as on a phone."""
    yield from _page(browser, width=390, height=844)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Settings], str]]:
    """Starts the app with settings, returns its address, and ends it after the test."""
    with ExitStack() as running:
        yield lambda settings: running.enter_context(served_app(settings, tmp_path / "app.log"))


def _page(browser: Browser, width: int, height: int) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    outside: list[str] = []
    context.route(_OUTSIDE, lambda route: (outside.append(route.request.url), route.abort()))
    yield page
    context.close()
    assert not errors
    assert not outside
