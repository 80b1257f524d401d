"""A local platform for tests: `kpi up` in a folder of its own, used from outside."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.local.machine import wait_until
from flows.local.services.definitions import address, ports
from flows.local.services.lifecycle import platform_supervisor
from flows.settings import Settings
from tests.environment.foreign_variables import FOREIGN
from tests.prefect_server import ask

PATIENCE = 300

ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass(frozen=True)
class Platform:
    """A running platform, and the environment that leads commands to it."""

    settings: Settings
    environment: dict[str, str]

    @property
    def prefect(self) -> str:
        """Address of the Prefect server."""
        return address(ports(self.settings)["prefect"])

    @property
    def app(self) -> str:
        """Address of the Streamlit app."""
        return address(ports(self.settings)["app"])

    def command(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of our environment to its end; kpi among variables for other tools."""
        foreign = FOREIGN if program == "kpi" else {}
        return subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            env={**foreign, **self.environment},
            cwd=self.settings.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def kpi(self, *arguments: str) -> str:
        """Run a kpi command that succeeds, and return what it says."""
        done = self.command("kpi", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_deployment(self, name: str, *options: str) -> str:
        """Run a deployment as people do, wait for its end, and return what Prefect says."""
        watch = ("--watch", "--watch-interval", "1", "--watch-timeout", str(PATIENCE))
        done = self.command("prefect", "deployment", "run", name, *watch, *options)
        logs = "" if done.returncode == 0 else self.kpi("logs", "worker", "-n", "50")
        assert done.returncode == 0, done.stdout + done.stderr + logs
        return done.stdout

    def start_deployment(self, name: str, **parameters: Any) -> str:
        """Ask the server for a run of a deployment, as its form does; return the run's id."""
        flow, _, deployment = name.partition("/")
        found = self.api("GET", f"/deployments/name/{flow}/{deployment}")
        asked = {"parameters": parameters}
        return str(self.api("POST", f"/deployments/{found['id']}/create_flow_run", asked)["id"])

    def complete(self, name: str) -> None:
        """Ask the server for a run of a deployment, and wait until it is Completed.

        It costs five seconds of processor less than Prefect's command.
        """
        run = self.wait_for(self.start_deployment(name), *ENDED)
        assert run["state_type"] == "COMPLETED", run["state"]

    def flow_run(self, run_id: str) -> dict[str, Any]:
        """Return what Prefect knows of a flow run."""
        return dict(self.api("GET", f"/flow_runs/{run_id}"))

    def flow_runs(self, deployment: str) -> list[dict[str, Any]]:
        """Return the runs of a deployment that began, the latest first."""
        return list(
            self.api(
                "POST",
                "/flow_runs/filter",
                {
                    "sort": "START_TIME_DESC",
                    "deployments": {"name": {"any_": [deployment]}},
                    "flow_runs": {"state": {"type": {"any_": ["RUNNING", *ENDED]}}},
                },
            )
        )

    def wait_for(self, run_id: str, *states: str) -> dict[str, Any]:
        """Wait until the run is in one of the states, and return it."""
        reached = wait_until(lambda: self.flow_run(run_id)["state_type"] in states, PATIENCE)
        run = self.flow_run(run_id)
        assert reached, run["state"]
        return run

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call Prefect's API."""
        return ask(self.prefect, method, path, body).json()


@contextmanager
def running_platform(home: Path, *services: str) -> Iterator[Platform]:
    """Start these services in the folder, or all, and stop them at the end."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "KPI_"))
    }
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home)
    # A worker that is gone is missed after some of its heartbeats.
    often = {"PREFECT_WORKER_HEARTBEAT_SECONDS": "2"}
    platform = Platform(settings, {**ours, **often, "KPI_HOME": str(home)})
    try:
        platform.kpi("up", *services)
        platform.environment["PREFECT_API_URL"] = f"{platform.prefect}/api"
        yield platform
    finally:
        platform.kpi("down")
    assert platform_supervisor(settings).pid is None
