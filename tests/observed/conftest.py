"""The metrics of a fresh database."""

import pytest

from flows.local.machine import LOOPBACK, free_port
from flows.observed.serve import serve
from flows.settings import Settings


@pytest.fixture
def quick(settings: Settings) -> Settings:
    """Settings whose calendar has few years."""
    few = {"first_year": 2020, "last_year": 2030}
    return settings.model_copy(update={"crypto": settings.crypto.model_copy(update=few)})


@pytest.fixture
def port(quick: Settings) -> int:
    """Where the metrics of the fresh database are."""
    found = free_port()
    serve(quick, LOOPBACK, found)
    return found
