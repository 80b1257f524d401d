"""The app as a process, and what tests need to drive it."""

import logging
import tomllib
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest
from streamlit.config import set_option
from streamlit.error_util import handle_user_script_exception

from app.errors import errors_in_the_app, sentence
from benchmarks.app.chromium import VARIABLE, chromium
from benchmarks.app.served import served_app
from flows.errors import BadInput, KpiError
from flows.local.machine import is_free
from flows.paths import REPOSITORY
from flows.settings import Settings
from flows.sql_files import read_sql
from flows.values import value

USER = "47114711"


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


def refuse_a_row() -> None:
    """As a library's error is told with a sentence of ours."""
    try:
        float(f"{USER}?")
    except ValueError as error:
        raise KpiError(f"Row 1{value(f' {USER}')} is bad.") from error


@pytest.mark.parametrize(
    ("fail", "told"),
    [
        (refuse_a_row, ["Uncaught app execution Row 1 is bad.\n  File "]),
        (
            lambda: read_sql(USER),
            [
                "Uncaught app execution FileNotFoundError in flows/sql_files.py, line ",
                "A page failed. FileNotFoundError in flows/sql_files.py, line ",
            ],
        ),
    ],
)
def test_the_log_has_the_kind_and_place_of_an_error_and_no_cell(
    fail: Callable[[], object],
    told: list[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    set_option("logger.enableRich", config["logger"]["enableRich"])
    monkeypatch.setattr(logging.getLogger("streamlit.error_util"), "propagate", True)
    try:
        fail()
    except Exception as error:
        handle_user_script_exception(error, errors_in_the_app)

    assert USER not in caplog.text
    for text in told:
        assert text in caplog.text


def test_the_pages_and_the_theme_ask_nobody_outside() -> None:
    config = (REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert "gatherUsageStats = false" in config
