"""A real Prefect server for tests, and processes that use it as a worker's do."""

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from flows.local.machine import LOOPBACK, free_port, wait_until
from flows.platform.orchestration.environment import configure_prefect
from flows.platform.orchestration.startup.database import laid_out_database
from flows.platform.storage.layout import prefect_home
from flows.settings import Settings

PATIENCE = 120
_TRIES = 10

_PROGRAMS = Path(__file__).with_name("operations")


@cache
def certificates() -> ssl.SSLContext:
    """Whom to believe: to read that for each question costs more than the question."""
    return httpx.create_ssl_context()


def ask(url: str, method: str, path: str, body: Any = None) -> httpx.Response:
    """Ask the API of the server, with the token that lets write.

    While it says that its database is too busy, it is asked again.
    """
    headers: dict[str, str] = {}
    for _ in range(_TRIES):
        answer = httpx.request(
            method,
            f"{url}/api{path}",
            json=body,
            headers=headers,
            timeout=PATIENCE,
            verify=certificates(),
        )
        if answer.status_code == httpx.codes.FORBIDDEN and not headers:
            token = ask(url, "GET", f"/csrf-token?client={__name__}").json()["token"]
            headers = {"Prefect-Csrf-Client": __name__, "Prefect-Csrf-Token": token}
        elif answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            time.sleep(1)
        else:
            break
    return answer.raise_for_status()


@dataclass(frozen=True)
class PrefectServer:
    """Its address, its SQLite database, and the environment that leads processes to it."""

    url: str
    database: Path
    environment: dict[str, str]
    process: "_Process"

    def restart(self, meanwhile: Callable[[], object]) -> None:
        """Stop the server, call the function while it is down, and start it again."""
        self.process.__exit__()
        meanwhile()
        self.process.__enter__()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Post to its API, and return what it answers."""
        return ask(self.url, "POST", path, body).json()

    def get(self, path: str) -> Any:
        """Get from its API."""
        return ask(self.url, "GET", path).json()

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """Change something through its API."""
        ask(self.url, "PATCH", path, body)

    def delete(self, path: str) -> None:
        """Delete something through its API."""
        ask(self.url, "DELETE", path)

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start Python with these arguments in tests/operations; changes to the environment."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=_PROGRAMS,
            env={**self.environment, **_of_the_test(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, **environment: str) -> str:
        """Run Python to its end, which is a good one, and return what it said."""
        with self.start(*arguments, **environment) as process:
            said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        return said

    def create_run(self, deployment: str, **parameters: Any) -> str:
        """Ask for a run of the deployment; no worker is there to start it."""
        found = self.get(f"/deployments/name/{deployment}")
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        return str(self.post(f"/deployments/{found['id']}/create_flow_run", body)["id"])


@contextmanager
def running_server(folder: Path) -> Iterator[PrefectServer]:
    """Run a server with a database of its own in the folder."""
    settings = Settings(home=folder)
    port = free_port()
    with patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith(("PREFECT_", "KPI_"))]:
            del os.environ[name]
        # As `kpi worker` does for itself and for the flows that it starts.
        configure_prefect(settings)
        with laid_out_database():
            server = dict(os.environ)
        environment = {**os.environ, "PREFECT_EXPERIMENTAL_EVENTS": "true"}
    command = (
        *("-m", "uvicorn", "--factory", "flows.platform.deployments.prefect_server:create_app"),
        *("--host", LOOPBACK, "--port", str(port), "--log-level", "warning"),
    )
    url = f"http://{LOOPBACK}:{port}"
    process = _Process(
        [sys.executable, *command],
        {**environment, **server, "PREFECT_UI_ENABLED": "false"},
        folder / "server.log",
        url,
    )
    where = {"PREFECT_API_URL": f"{url}/api", "PREFECT_UI_URL": url, "KPI_HOME": str(folder)}
    environment = {**environment, **where}
    with process:
        yield PrefectServer(url, prefect_home(settings) / "prefect.db", environment, process)


class _Process:
    """The server's process, which ends with the block."""

    def __init__(
        self, command: list[str], environment: dict[str, str], log: Path, url: str
    ) -> None:
        self._command = command
        self._environment = environment
        self._log = log
        self._url = url

    def __enter__(self) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            ready = wait_until(
                lambda: self._process.poll() is not None or _healthy(self._url), PATIENCE
            )
            assert ready, self._log.read_text(encoding="utf-8")
            assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health", timeout=PATIENCE, verify=certificates()).is_success
    except httpx.TransportError:
        return False


def _of_the_test() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("KPI_")}
