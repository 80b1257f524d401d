"""The one place that knows where files for people are kept."""

from pathlib import Path

from flows.platform.settings import Settings


def great_expectations_folder(settings: Settings) -> Path:
    """Folder `ge-artifacts`: `validations/` and `data_docs/`."""
    return settings.home / "artifacts" / "ge-artifacts"


def data_docs_index(settings: Settings) -> Path:
    """First page of the Data Docs."""
    return great_expectations_folder(settings) / "data_docs" / "index.html"


def prefect_home(settings: Settings) -> Path:
    """Folder of Prefect's own state (its SQLite database when no server is used)."""
    return settings.home / "prefect"
