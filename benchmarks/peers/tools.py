"""The peers: each in an environment of its own, as commands that are measured as processes."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from benchmarks.meter import Meter
from benchmarks.startup.helper import Order
from benchmarks.startup.measure import measure
from flows.errors import KpiError
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import connection_arguments, database_url
from flows.settings import Settings

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Place:
    """Where a benchmark works: its settings, a folder of its own, and how it measures."""

    settings: Settings
    folder: Path
    meter: Meter

    def run(self, name: str | None, command: list[str], folder: Path | None = None) -> None:
        """Run a command to its end, and add its cost to the samples of `name`, if there is one.

        Raises KpiError with the last lines of its output when it fails.
        """
        variables = [f"{key}={value}" for key, value in self._environment().items()]
        order = Order(
            command=["env", *variables, *command],
            folder=str(folder or self.folder),
            log=str(self.folder / "command.log"),
            finish=[],
        )
        if name is None:
            measure(order)
            return
        with self.meter.measure(name) as elsewhere:
            elsewhere.append(measure(order).cpu)

    def project(self, name: str) -> Path:
        """Return a copy of a peer's project, which the peer may write into."""
        copy = self.folder / name
        if not copy.exists():
            shutil.copytree(_HERE / name, copy)
        return copy

    def _environment(self) -> Mapping[str, str]:
        """Return what every tool needs; all have our session settings, which favour them."""
        url = urlsplit(database_url(self.settings))
        return {
            "PYTHONPATH": str(REPOSITORY),
            "KPI_DATABASE_URL": database_url(self.settings),
            "KPI_HOME": str(self.settings.home),
            "KPI_TIME_ZONE": self.settings.time_zone,
            "KPI_CRYPTO__MIN_ROWS_PER_DAY": "0",
            "PGHOST": url.hostname or "",
            "PGPORT": str(url.port),
            "PGUSER": unquote(url.username or ""),
            "PGPASSWORD": unquote(url.password or ""),
            "PGDATABASE": unquote(url.path[1:]),
            "PGOPTIONS": str(connection_arguments(self.settings, "peer")["options"]),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
            "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "DLT_URL": database_url(self.settings),
            "DLT_FOLDER": str(self.folder / "dlt"),
        }


def tool(environment: str, name: str) -> str:
    """Return the path of a peer's program; raise KpiError when its environment is not there."""
    program = REPOSITORY / f".venv-{environment}" / "bin" / name
    if not os.access(program, os.X_OK):
        raise KpiError(
            f"{name} is not installed in .venv-{environment}: `make bench` does it, or leave "
            f"{environment} out of --peers."
        )
    return str(program)


def kpi(*arguments: str) -> list[str]:
    """Return a kpi command of this checkout."""
    return [sys.executable, "-m", "flows.cli", *arguments]


def version(package: str, environment: str) -> str:
    """Return the version that requirements/<environment>.txt locks."""
    for line in (REPOSITORY / "requirements" / f"{environment}.txt").read_text().splitlines():
        name, separator, rest = line.partition("==")
        if separator and name == package:
            return rest.split()[0]
    raise KpiError(f"requirements/{environment}.txt does not lock {package}.")
