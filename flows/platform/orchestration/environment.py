"""Where Prefect's state lives, and what it logs: set before Prefect is imported."""

import os
import warnings
from pathlib import Path

from flows.errors import KpiError
from flows.platform.orchestration.blocks import S3_RESULTS
from flows.platform.storage.layout import prefect_home, run_results
from flows.settings import Settings


def configure_prefect(settings: Settings) -> None:
    """Keep Prefect's state under the settings' home, results where they say; no statistics.

    What the environment already sets, stays; processes that are started later get it all. Raises
    KpiError when Prefect's folder cannot be written.
    """
    home = Path(os.environ.setdefault("PREFECT_HOME", str(prefect_home(settings))))
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KpiError(f"Prefect's folder {home} cannot be written ({error.strerror}).") from error
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # Prefect 3 alone: without a server it starts one, which lays out a database at first.
    patience = str(settings.patience_seconds)
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", patience)
    os.environ.setdefault("PREFECT_LOCAL_STORAGE_PATH", str(run_results(settings)))
    if settings.storage == "s3":
        os.environ.setdefault("PREFECT_DEFAULT_RESULT_STORAGE_BLOCK", S3_RESULTS)
    # What we log goes to the run in Prefect, when there is one, and to the terminal.
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "flows")
    os.environ.setdefault("PREFECT_LOGGING_LOGGERS_PREFECT_EXTRA_PROPAGATE", "true")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    # Alembic says so while Prefect lays out its own SQLite database.
    warnings.filterwarnings("ignore", message="Skipped unsupported reflection")


def quiet_prefect() -> None:
    """Keep Prefect's log off the terminal, for callers that tell the story themselves."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
