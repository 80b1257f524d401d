"""A real Prefect server, and processes that run flows against it as a worker starts them."""

from collections.abc import Iterator

import pytest

from tests.prefect_server import PrefectServer, running_server


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A server with a database of its own, for the tests of a file."""
    with running_server(tmp_path_factory.mktemp("prefect")) as server:
        yield server
