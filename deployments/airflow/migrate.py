"""`airflow db migrate`, where it may have something to do.

To find out that it has nothing to do costs Airflow four seconds of processor, at each start of a
platform. So its table of versions says in its comment what migrated it last: these packages, with
these settings, to this version. It is part of the table, and of a backup of it. In Airflow's
environment.
"""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import psycopg

_SQL = Path(__file__).resolve().parents[2] / "sql" / "deployments" / "airflow"
_COMMAND = ("airflow", "db", "migrate")
_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
# What it writes besides Airflow's own tables, and which other tables it migrates.
_SETTINGS = (
    "AIRFLOW__CORE__AUTH_MANAGER",
    "AIRFLOW__DATABASE__EXTERNAL_DB_MANAGERS",
    "AIRFLOW__ELASTICSEARCH__LOG_ID_TEMPLATE",
    "AIRFLOW__LOGGING__LOG_FILENAME_TEMPLATE",
)


def migrate(environment: Mapping[str, str]) -> int:
    """Migrate the database of Airflow's variables unless that was done; return the exit code."""
    url = environment[_DATABASE].replace("postgresql+psycopg2:", "postgresql:", 1)
    by = _packages_and_settings(environment)
    # Whatever is wrong with the database, Airflow's own command says it.
    with suppress(psycopg.Error):
        version, comment = _migrated(url)
        if comment == f"{by} {version}":
            sys.stdout.write("Airflow's tables are up to date.\n")
            return 0
    done = subprocess.run(_COMMAND, env=environment, check=False)
    if done.returncode == 0:
        with suppress(psycopg.Error):
            _remember(url, by)
    return done.returncode


def _packages_and_settings(environment: Mapping[str, str]) -> str:
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    told = [*sorted(package.name for package in packages), *map(environment.get, _SETTINGS)]
    return f"Migrated by kpi {sha256(repr(told).encode()).hexdigest()[:16]}"


def _migrated(url: str) -> tuple[str, str | None]:
    """Return the version of the tables, and their comment; raise psycopg.Error without any."""
    with psycopg.connect(url) as connection:
        found = connection.execute((_SQL / "migrated.sql").read_bytes()).fetchone()
    return found or ("", None)


def _remember(url: str, by: str) -> None:
    version, _ = _migrated(url)
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        statement = (_SQL / "remember_migration.sql").read_bytes()
        connection.execute(statement, {"migrated": f"{by} {version}"})


if __name__ == "__main__":
    sys.exit(migrate(os.environ))
