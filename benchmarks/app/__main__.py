"""`python -m benchmarks.app`: open each page in Chromium on a warm server, print milliseconds."""

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks.app.chromium import chromium
from benchmarks.app.served import served_app
from flows.local.postgres.shared import running_warehouse
from flows.settings import load_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = ("at_risk", "score", "batch", "model", "drift", "crypto")
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_NOW = "performance.now()"
# The title is there from the start; the state attribute says that the page has run.
_DONE = "[data-testid=stApp][data-test-script-state=notRunning] h1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the pages of a running app, or of one started with the settings; print medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app", description=__doc__)
    parser.add_argument("--address", help="an app that runs already; else one is started")
    parser.add_argument("--repetitions", type=int, default=5, help="the median counts")
    options = parser.parse_args(arguments)
    table = Table("page", "first paint ms", "complete ms", title="A warm server, a new visitor")
    with _address(options.address) as address, chromium() as browser:
        for page in PAGES:
            measure(browser, f"{address}/{_path(page)}")
        for page in PAGES:
            samples = [
                measure(browser, f"{address}/{_path(page)}") for _ in range(options.repetitions)
            ]
            medians = (statistics.median(column) for column in zip(*samples, strict=True))
            table.add_row(page, *(f"{median:,.0f}" for median in medians))
    Console().print(table)


def measure(browser: "Browser", address: str) -> tuple[float, float]:
    """Open the page as a new visitor; return milliseconds to first paint and to completion."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.locator(_DONE).wait_for()
    measured = page.evaluate(_FIRST_PAINT), page.evaluate(_NOW)
    context.close()
    return measured


def _path(page: str) -> str:
    return "" if page == PAGES[0] else page


@contextmanager
def _address(running: str | None) -> Iterator[str]:
    if running:
        yield running.rstrip("/")
        return
    with (
        TemporaryDirectory() as folder,
        running_warehouse(load_settings()) as settings,
        served_app(settings, Path(folder) / "app.log") as address,
    ):
        yield address


if __name__ == "__main__":
    main(sys.argv[1:])
