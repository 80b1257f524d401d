"""What tests do with a Prefect server from outside, and with processes that use it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 120

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class PrefectServer:
    """Its address, its SQLite database, and the environment that leads processes to it."""

    url: str
    database: Path
    environment: dict[str, str]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Post to its API."""
        answer = httpx.post(f"{self.url}/api{path}", json=body, timeout=PATIENCE)
        return answer.raise_for_status().json()

    def get(self, path: str) -> Any:
        """Get from its API."""
        return httpx.get(f"{self.url}/api{path}", timeout=PATIENCE).raise_for_status().json()

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start Python with these arguments, beside this file, with changes to the environment."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=_HERE,
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


def healthy(url: str) -> bool:
    """Return whether a server answers there."""
    try:
        return httpx.get(f"{url}/api/health", timeout=PATIENCE).is_success
    except httpx.TransportError:
        return False


def _of_the_test() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("KPI_")}
