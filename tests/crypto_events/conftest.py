"""Settings whose calendar has few years, which a fresh database has already."""

from collections.abc import Callable, Iterator

import pytest

from flows.platform.warehouse.connection import database_url
from flows.settings import Settings
from tests.conftest import FEW_YEARS
from tests.webhook import Webhook, webhook


@pytest.fixture(scope="session")
def template(with_calendar: str) -> str:
    """Name of the database that those of this folder's tests are copied from."""
    return with_calendar


@pytest.fixture
def make_quick(make_settings: Callable[..., Settings]) -> Callable[..., Settings]:
    """Settings for the fresh database; keyword arguments change the crypto settings."""

    def make(**crypto: object) -> Settings:
        return make_settings(**{**FEW_YEARS, **crypto})

    return make


@pytest.fixture
def quick(make_quick: Callable[..., Settings]) -> Settings:
    """Settings for the fresh database, with every other default."""
    return make_quick()


@pytest.fixture
def hook(quick: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """The environment that a flow runs in: the fresh database, and a webhook."""
    monkeypatch.setenv("KPI_DATABASE_URL", database_url(quick))
    monkeypatch.setenv("KPI_CRYPTO__FIRST_YEAR", str(quick.crypto.first_year))
    monkeypatch.setenv("KPI_CRYPTO__LAST_YEAR", str(quick.crypto.last_year))
    with webhook() as received:
        monkeypatch.setenv("KPI_WEBHOOK_URL", received.url)
        yield received
