"""The app as a process, and what tests need to drive it."""

from pathlib import Path

import httpx
import psycopg
import pytest

from app.errors import sentence
from benchmarks.app.chromium import VARIABLE, chromium
from benchmarks.app.served import served_app
from flows.errors import BadInput, KpiError
from flows.local.machine import is_free
from flows.paths import REPOSITORY
from flows.settings import Settings


def test_streamlit_serves_the_app_and_leaves_nothing_behind(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    with served_app(Settings(), log) as address:
        page = httpx.get(f"{address}/")
        assert page.status_code == 200
        assert "Streamlit" in page.text
    assert is_free(int(address.rpartition(":")[2]))
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_an_app_that_does_not_start_is_a_sentence(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    with (
        pytest.raises(KpiError, match=r"^The app does not answer at http://127\.0\.0\.1:\d+; see "),
        served_app(Settings(), log, STREAMLIT_SERVER_MAX_UPLOAD_SIZE="much"),
    ):
        pass


def test_a_missing_browser_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/chromium")
    with (
        pytest.raises(KpiError, match=r"^There is no browser at /nowhere/chromium\. Install"),
        chromium(),
    ):
        pass


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadInput("The file is empty."), "The file is empty."),
        (psycopg.errors.QueryCanceled(), "The warehouse took too long to answer: "),
        (ZeroDivisionError(), "Something unexpected happened: the app's log says what."),
    ],
)
def test_every_error_is_a_sentence(error: Exception, said: str) -> None:
    assert sentence(error).startswith(said)


def test_the_pages_and_the_theme_ask_nobody_outside() -> None:
    config = (REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert "gatherUsageStats = false" in config
