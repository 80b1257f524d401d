"""The app as Streamlit's own test client runs it: every page, without a browser."""

from collections.abc import Callable, Iterator
from functools import cache
from unittest.mock import patch

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from flows.paths import REPOSITORY
from flows.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def _components_are_looked_for_once() -> Iterator[None]:
    """Streamlit reads what 250 packages say of themselves for each session: most of its time."""
    once = cache(manifest_scanner.scan_component_manifests)
    with patch.object(manifest_scanner, "scan_component_manifests", once):
        yield


@pytest.fixture
def settings(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings for the fresh database, which the app reads from the environment, too."""
    made = make_settings(first_year=2020, last_year=2030)
    assert made.database_url
    monkeypatch.setenv("KPI_DATABASE_URL", made.database_url.get_secret_value())
    return made


@pytest.fixture
def open_page() -> Iterator[Callable[..., AppTest]]:
    """Opens a page of the app in a new session, in a language; nothing is remembered."""
    st.cache_data.clear()
    st.cache_resource.clear()
    here = REPOSITORY / "app"

    def open_(page: str, language: str | None = None) -> AppTest:
        app = AppTest.from_file(here / "home.py", default_timeout=60)
        if language:
            app.query_params["lang"] = language
        app.run()
        return app if page == "at_risk" else app.switch_page(f"views/{page}.py").run()

    yield open_
    st.cache_data.clear()
    st.cache_resource.clear()
