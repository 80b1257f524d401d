"""`python -m docs.pictures`: take the README's pictures of a real, seeded instance."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.app.chromium import chromium
from benchmarks.app.served import served_app
from docs.picture_instance import UPLOAD, furnished_instance
from docs.prefect_picture import prefect_picture
from flows.paths import REPOSITORY
from flows.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = REPOSITORY / "docs" / "pictures"
_WIDTH = 1200
_COLOURS = 128
# The app tells when its script has ended; charts draw themselves a moment later.
_IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
_DRAWING_MILLISECONDS = 2000

Act = Callable[["Page", Settings], None]


@dataclass(frozen=True)
class Picture:
    """A page of the app: its path, how high the picture is, what to do on it before."""

    name: str
    path: str
    height: int
    act: Act = lambda page, settings: None


def _score(page: "Page", _: Settings) -> None:
    page.get_by_text("Payments", exact=True).click()
    page.get_by_text("Use of the apps").click()
    page.get_by_role("spinbutton", name="Wallet visits in the last month").fill("1")
    page.get_by_role("spinbutton", name="Days since the last login to the wallet").fill("24")
    page.get_by_role("button", name="Score", exact=True).click()
    page.get_by_role("heading", name="What drives it").wait_for()


def _upload(page: "Page", settings: Settings) -> None:
    page.locator("input[type=file]").set_input_files(settings.home / UPLOAD)
    page.get_by_role("button", name="Download the scores (CSV)").wait_for()


APP_PICTURES = (
    Picture("score", "score", 1500, _score),
    Picture("batch", "batch", 1100, _upload),
    Picture("model", "model", 1000),
    Picture("drift", "drift", 1000),
    Picture("crypto", "crypto", 1250),
)


def main() -> None:
    """Write docs/pictures/*.png again: a few minutes."""
    FOLDER.mkdir(exist_ok=True)
    with (
        TemporaryDirectory(prefix="kpi-pictures-") as name,
        furnished_instance(Path(name) / "kpi") as settings,
    ):
        log = Path(name) / "app.log"
        with served_app(settings, log) as address, chromium() as browser:
            for picture in APP_PICTURES:
                take(browser, address, picture, settings)
            shown = prefect_picture(browser, Path(name) / "platform")
            (FOLDER / "prefect.png").write_bytes(_small(shown))


def take(browser: "Browser", address: str, picture: Picture, settings: Settings) -> None:
    """Open the page, act on it, and write its picture."""
    page = browser.new_page(viewport={"width": _WIDTH, "height": picture.height})
    page.goto(f"{address}/{picture.path}")
    page.locator(f"{_IDLE} h1").wait_for()
    picture.act(page, settings)
    page.locator(f"{_IDLE} h1").wait_for()
    page.wait_for_timeout(_DRAWING_MILLISECONDS)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    (FOLDER / f"{picture.name}.png").write_bytes(_small(page.screenshot()))
    page.close()


def _small(png: bytes) -> bytes:
    """Return the picture with so few colours that it fits a repository."""
    from PIL import Image

    smaller = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").quantize(_COLOURS).save(smaller, "PNG", optimize=True)
    return smaller.getvalue()


if __name__ == "__main__":
    main()
