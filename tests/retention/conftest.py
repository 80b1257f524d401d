"""Settings whose calendar has few years, which a fresh database has already."""

from collections.abc import Callable

import pytest

from flows.settings import Settings
from tests.conftest import FEW_YEARS


@pytest.fixture(scope="session")
def template(with_calendar: str) -> str:
    """Name of the database that those of this folder's tests are copied from."""
    return with_calendar


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """Settings for the fresh database, with every other default."""
    return make_settings(**FEW_YEARS)
