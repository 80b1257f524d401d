"""A real Prefect server, and processes that run flows against it as a worker starts them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from prefect_server import PATIENCE, PrefectServer, healthy

from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.platform.artifacts import prefect_home
from flows.platform.orchestrator import configure_prefect
from flows.platform.settings import Settings


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A server with a database of its own, for the tests of a file."""
    folder = tmp_path_factory.mktemp("prefect")
    settings = Settings(home=folder)
    port = free_port()
    with patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith(("PREFECT_", "KPI_"))]:
            del os.environ[name]
        # As `kpi worker` does for itself and for the flows that it starts.
        configure_prefect(settings)
        environment = {**os.environ, "PREFECT_EXPERIMENTAL_EVENTS": "true"}
    command = (
        *("-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"),
        *("--host", LOOPBACK, "--port", str(port), "--log-level", "warning"),
    )
    url = f"http://{LOOPBACK}:{port}"
    log = folder / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, *command],
            env={**environment, "PREFECT_UI_ENABLED": "false"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            ready = wait_until(lambda: process.poll() is not None or healthy(url), PATIENCE)
            assert ready, log.read_text(encoding="utf-8")
            assert process.poll() is None, log.read_text(encoding="utf-8")
            environment = {**environment, "PREFECT_API_URL": f"{url}/api", "PREFECT_UI_URL": url}
            yield PrefectServer(url, prefect_home(settings) / "prefect.db", environment)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
