"""A real Chromium, headless."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.errors import KpiError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

VARIABLE = "KPI_TEST_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium(*options: str) -> Iterator["Browser"]:
    """Yield a browser: KPI_TEST_CHROMIUM, else one on the PATH, else Playwright's own.

    The options are Chromium's. Raises KpiError when there is none.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_executable(playwright),
            # Chromium's own sandbox does not start as root, and /dev/shm is small in containers.
            args=["--no-sandbox", "--disable-dev-shm-usage", *options],
        )
        yield browser
        browser.close()


def _executable(playwright: "Playwright") -> str:
    named = os.environ.get(VARIABLE)
    on_path = (found for name in _NAMES if (found := shutil.which(name)))
    path = Path(named or next(on_path, playwright.chromium.executable_path))
    if not path.is_file():
        raise KpiError(
            f"There is no browser at {path}. Install Chromium, name one in {VARIABLE}, or run "
            "`.venv/bin/playwright install chromium`."
        )
    return str(path)
