"""The platform in containers for tests: a project of its own on free ports, used from outside."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from secrets import SystemRandom
from typing import Any

import psycopg
from dotenv import dotenv_values
from psycopg.rows import TupleRow
from pydantic import SecretStr

from flows.local.machine import wait_until
from flows.paths import REPOSITORY
from flows.settings.servers import S3Settings
from tests.prefect_server import ask
from tests.stack.ask.patient_http import get

PATIENCE = 1800
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
PORTS = tuple(
    f"{name}_PORT"
    for name in (
        *("POSTGRES", "MINIO", "MINIO_CONSOLE", "PREFECT", "MLFLOW", "STREAMLIT", "METRICS"),
        *("SPARK_UI", "AIRFLOW", "JUPYTER", "PGADMIN"),
    )
)
SETTING = "KPI_RETENTION__PREFECT_DAYS"
_PORTS = range(20_000, 30_000)
_PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Stack:
    """The platform that an environment file describes."""

    file: Path

    @property
    def values(self) -> dict[str, str]:
        """What the environment file says: ports, passwords, names."""
        return {name: value or "" for name, value in dotenv_values(self.file).items()}

    @property
    def project(self) -> str:
        """What its containers, networks and volumes begin with."""
        return self.values["COMPOSE_PROJECT_NAME"]

    @cached_property
    def s3(self) -> S3Settings:
        """What leads to its object store from here."""
        return S3Settings(
            endpoint_url=self.address("MINIO"),
            access_key_id="kpi",
            secret_access_key=SecretStr(self.values["S3_SECRET_ACCESS_KEY"]),
        )

    def address(self, service: str) -> str:
        """Where a service answers on this machine."""
        return f"http://127.0.0.1:{self.values[f'{service}_PORT']}"

    def database_url(self, role: str, password: str, database: str) -> str:
        """URL of a database on this machine."""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.values['POSTGRES_PORT']}/{database}"

    def rows(self, query: str) -> list[TupleRow]:
        """Return what the owner of the warehouse reads there."""
        with self._warehouse() as connection:
            return connection.execute(query.encode()).fetchall()

    def change(self, statement: str, *values: str) -> None:
        """Change something in the warehouse as its owner."""
        with self._warehouse() as connection:
            connection.execute(statement.encode(), values)

    def _warehouse(self) -> "psycopg.Connection[TupleRow]":
        password = self.values["CRYPTO_DB_PASSWORD"]
        return psycopg.connect(self.database_url("crypto", password, "crypto_db"))

    def make(self, target: str, **variables: str) -> str:
        """Run a target of the Makefile that succeeds, and return what it says."""
        return _said(_make(target, variables), {"KPI_STACK_ENV": str(self.file)})

    def make_fails(self, target: str, **variables: str) -> str:
        """Run a target of the Makefile that fails, and return its complaint."""
        done = _ended(_make(target, variables), {"KPI_STACK_ENV": str(self.file)})
        assert done.returncode != 0, f"{target}\n{done.stdout}"
        return done.stderr

    def compose(self, *arguments: str) -> str:
        """Run Compose as a person would in compose/, and return what it says."""
        command = ["docker", "compose", "--env-file", str(self.file), "--profile", "*"]
        return _said([*command, *arguments], {}, REPOSITORY / "compose")

    def run_deployment(self, name: str) -> str:
        """Run a deployment with Prefect's own command from this machine, and watch it."""
        watch = ("--watch", "--watch-interval", "1", "--watch-timeout", str(PATIENCE))
        return _said(
            [str(_PROGRAMS / "prefect"), "deployment", "run", name, *watch],
            {
                "PREFECT_API_URL": f"{self.address('PREFECT')}/api",
                "PREFECT_HOME": str(self.file.parent / "prefect"),
            },
        )

    def complete(self, name: str) -> None:
        """Ask the server for a run of a deployment, and wait until it is Completed.

        It costs five seconds of processor less than Prefect's command.
        """
        server = self.address("PREFECT")
        made = ask(server, "GET", f"/deployments/name/{name}").json()["id"]
        run = ask(server, "POST", f"/deployments/{made}/create_flow_run", {}).json()["id"]

        def state() -> dict[str, Any]:
            return dict(get(f"{server}/api/flow_runs/{run}").json()["state"])

        assert wait_until(lambda: state()["type"] in ENDED, PATIENCE)
        assert state()["type"] == "COMPLETED", state()

    def wait_for_run(self, run: str, state: str) -> None:
        """Wait until a flow run is in this state."""
        address = f"{self.address('PREFECT')}/api/flow_runs/{run}"

        def reached() -> bool:
            return bool(get(address).json()["state_type"] == state)

        assert wait_until(reached, PATIENCE)

    def containers(self) -> list[dict[str, Any]]:
        """Return what the engine knows of each container."""
        ids = docker("ps", "--all", "--quiet", *self._of_the_project()).split()
        found: list[dict[str, Any]] = json.loads(docker("inspect", *ids)) if ids else []
        return found

    def left_behind(self) -> list[str]:
        """Return the names of the project's containers, volumes and networks."""
        of_the_project = self._of_the_project()
        return [
            *docker("ps", "--all", "--format", "{{.Names}}", *of_the_project).split(),
            *docker("volume", "ls", "--format", "{{.Name}}", *of_the_project).split(),
            *docker("network", "ls", "--format", "{{.Name}}", *of_the_project).split(),
        ]

    def _of_the_project(self) -> tuple[str, str]:
        return "--filter", f"label=com.docker.compose.project={self.project}"


def write_environment(file: Path, project: str, override: Path) -> None:
    """Write an environment file with free ports and several workers; `make up` adds the passwords.

    Its time zone is one where it is noon: no schedule starts anything while tests look.
    """
    # In these names, the sign says how far west a zone is.
    west = datetime.now(UTC).hour - 12
    lines = [
        f"COMPOSE_PROJECT_NAME={project}",
        f"COMPOSE_FILE=compose.yaml:{override}",
        "KPI_IMAGE=kpi-delivery:test",
        "AIRFLOW_IMAGE=kpi-delivery-airflow:test",
        f"KPI_TIME_ZONE=Etc/GMT{west:+d}",
        "AIRFLOW_WORKERS=2",
        "SPARK_WORKERS=2",
        # A setting of runs, by its own name.
        f"{SETTING}=80",
        # Of this machine, whose disk may be fuller than that of a platform.
        "KPI_CHECK__DISK_FREE_SHARE=0",
        *(f"{name}={port}" for name, port in zip(PORTS, _free_ports(len(PORTS)), strict=True)),
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _free_ports(count: int) -> list[int]:
    """Draw ports below those that the kernel gives away: minutes pass until they are taken."""
    drawn = SystemRandom().sample(_PORTS, len(_PORTS))
    return list(islice(filter(_is_free, drawn), count))


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def docker(*arguments: str) -> str:
    """Return what `docker ARGUMENTS` prints."""
    return _said(["docker", *arguments], {})


def _make(target: str, variables: Mapping[str, str]) -> list[str]:
    given = [f"{name}={value}" for name, value in variables.items()]
    # A make within another one tells the folders that it enters.
    return ["make", "--no-print-directory", target, *given]


def _said(command: list[str], environment: Mapping[str, str], folder: Path = REPOSITORY) -> str:
    done = _ended(command, environment, folder)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _ended(
    command: list[str], environment: Mapping[str, str], folder: Path = REPOSITORY
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
