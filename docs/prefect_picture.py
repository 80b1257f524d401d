"""The picture of Prefect's UI: a daily run of a local platform of its own, and its artifacts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.local.services.definitions import address, ports
from flows.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

_VIEW: "ViewportSize" = {"width": 1200, "height": 1000}
_DRAWING_MILLISECONDS = 3000


def prefect_picture(browser: "Browser", home: Path) -> bytes:
    """Return the picture as PNG; `home` is the platform's folder."""
    with _daily_run(home) as prefect:
        page = browser.new_page(viewport=_VIEW)
        # Its pages never stop loading: they ask for news all the time.
        page.goto(f"{prefect}/flow-runs", wait_until="domcontentloaded")
        page.get_by_role("link", name="crypto-events as of today").first.click()
        page.get_by_text("Artifacts", exact=True).click()
        page.get_by_role("link", name="crypto-publication").first.wait_for()
        page.wait_for_timeout(_DRAWING_MILLISECONDS)
        return bytes(page.screenshot())


@contextmanager
def _daily_run(home: Path) -> Iterator[str]:
    """Yield the address of a Prefect server on which crypto-events/daily was run."""
    environment = {**os.environ, "KPI_HOME": str(home)}
    try:
        _run(environment, "kpi", "up", "worker")
        prefect = address(ports(Settings(home=home))["prefect"])
        environment["PREFECT_API_URL"] = f"{prefect}/api"
        _run(environment, "prefect", "deployment", "run", "crypto-events/daily", "--watch")
        yield prefect
    finally:
        _run(environment, "kpi", "down")


def _run(environment: dict[str, str], program: str, *arguments: str) -> None:
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=True)
