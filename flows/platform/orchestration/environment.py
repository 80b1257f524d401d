"""Where Prefect's state lives, and what it logs: set before Prefect is imported."""

import os
import warnings
from pathlib import Path

from flows.errors import KpiError
from flows.platform.orchestration.blocks import S3_RESULTS
from flows.platform.storage.home import keep_home_private
from flows.platform.storage.layout import prefect_home, run_results
from flows.settings import Settings

_TERMINAL_LINES = "flows.platform.orchestration.run_logs.prefect_lines"
_AT_IMPORT = "flows.platform.orchestration.patience:wait_for_servers"


def configure_prefect(settings: Settings) -> None:
    """Keep Prefect's state under the settings' home and results where they say; no telemetry.

    Variables that are already set win; child processes inherit all of them. Raises KpiError when
    Prefect's folder cannot be written.
    """
    keep_home_private(settings)
    home = Path(os.environ.setdefault("PREFECT_HOME", str(prefect_home(settings))))
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KpiError(f"Prefect's folder {home} cannot be written ({error.strerror}).") from error
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    others = [name for name in os.environ.get("PREFECT_EXTRA_ENTRYPOINTS", "").split(",") if name]
    if _AT_IMPORT not in others:
        os.environ["PREFECT_EXTRA_ENTRYPOINTS"] = ",".join([*others, _AT_IMPORT])
    # Prefect 3 only: without a server it starts one, which first creates its database.
    patience = str(settings.patience_seconds)
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", patience)
    os.environ.setdefault("PREFECT_LOCAL_STORAGE_PATH", str(run_results(settings)))
    if settings.storage == "s3":
        os.environ.setdefault("PREFECT_DEFAULT_RESULT_STORAGE_BLOCK", S3_RESULTS)
    # Our logs go to the Prefect run, if there is one, and to the terminal.
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "flows")
    os.environ.setdefault("PREFECT_LOGGING_LOGGERS_PREFECT_EXTRA_PROPAGATE", "true")
    # As the formatter of all that Prefect writes there, from its first line: in each process.
    os.environ.setdefault("PREFECT_LOGGING_FORMATTERS_STANDARD_", _TERMINAL_LINES)
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    # Alembic warns about this while Prefect creates its own SQLite database.
    warnings.filterwarnings("ignore", message="Skipped unsupported reflection")


def quiet_prefect() -> None:
    """Keep Prefect's log off the terminal, for callers that report progress themselves."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
