"""`python -m benchmarks.app`: open each page in Chromium on a warm server, print milliseconds.

With `--scores 1000000` on a warehouse of its own with so many scores, to compare the page that
ranks them with the others: see benchmarks/README.md.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks.app.chromium import chromium
from benchmarks.app.scores import many_scores
from benchmarks.app.served import served_app
from flows.local.postgres.shared import running_warehouse
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Times = dict[str, tuple[float, float]]
"""Of each page: milliseconds to first paint and to completion."""

PAGES = ("at_risk", "score", "batch", "model", "drift", "crypto")
_PATIENCE = 120_000  # milliseconds: a busy machine is slow, and that is what is measured
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_NOW = "performance.now()"
# The title is there from the start; the state attribute says that the page has run.
_DONE = "[data-testid=stApp][data-test-script-state=notRunning] h1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the pages of a running app, or of one started with the settings; print medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app", description=__doc__)
    parser.add_argument("--address", help="an app that runs already; else one is started")
    parser.add_argument("--scores", type=int, help="on a warehouse of its own with so many scores")
    parser.add_argument("--repetitions", type=int, default=5, help="the median counts")
    options = parser.parse_args(arguments)
    with _address(options.address, options.scores) as address, chromium() as browser:
        # The first one opened also waits for what the server loads.
        first = {page: measure(browser, f"{address}/{_path(page)}") for page in reversed(PAGES)}
        # In turns: the machine changes while we measure.
        rounds = [
            {page: measure(browser, f"{address}/{_path(page)}") for page in PAGES}
            for _ in range(options.repetitions)
        ]
    Console().print(_table(first, rounds))


def _table(first: Times, rounds: list[Times]) -> Table:
    found = {page: _medians([each[page] for each in rounds]) for page in PAGES}
    others = _medians([found[page] for page in PAGES[1:]])
    columns = ("page", "first paint ms", "complete ms", "first visit, complete ms")
    table = Table(*columns, title="A warm server, a new visitor")
    for page in PAGES:
        table.add_row(page, *(f"{time:,.0f}" for time in (*found[page], first[page][1])))
    ratios = (f"{own / other:.2f}" for own, other in zip(found[PAGES[0]], others, strict=True))
    table.add_section()
    table.add_row(f"{PAGES[0]} / median of the others", *ratios, "")
    return table


def _medians(times: Sequence[tuple[float, float]]) -> tuple[float, float]:
    paint, complete = (statistics.median(each) for each in zip(*times, strict=True))
    return paint, complete


def measure(browser: "Browser", address: str) -> tuple[float, float]:
    """Open the page as a new visitor; return milliseconds to first paint and to completion."""
    context = browser.new_context()
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    page.goto(address)
    page.locator(_DONE).wait_for()
    measured = page.evaluate(_FIRST_PAINT), page.evaluate(_NOW)
    context.close()
    return measured


def _path(page: str) -> str:
    return "" if page == PAGES[0] else page


@contextmanager
def _address(running: str | None, scores: int | None) -> Iterator[str]:
    if running:
        yield running.rstrip("/")
        return
    with (
        TemporaryDirectory() as folder,
        _warehouse(Path(folder), scores) as settings,
        served_app(settings, Path(folder) / "app.log") as address,
    ):
        yield address


def _warehouse(folder: Path, scores: int | None) -> AbstractContextManager[Settings]:
    return running_warehouse(load_settings()) if scores is None else many_scores(folder, scores)


if __name__ == "__main__":
    main(sys.argv[1:])
