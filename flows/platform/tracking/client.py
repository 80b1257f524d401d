"""MLflow client: of its server, or of its database under the settings' home."""

import logging
import os
from typing import TYPE_CHECKING

import httpx

from flows.environment import set_aside
from flows.errors import KpiError, Unavailable
from flows.lazy_imports import quick_imports
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.database import NOT_LOGGED, keep_mlflow_quiet, lay_out_mlflow
from flows.quiet import without_warnings
from flows.settings import Settings

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

_TIMEOUT_SECONDS = 10
_TRIES_AGAIN = 7  # MLflow's own number


def mlflow_client(settings: Settings) -> "MlflowClient":
    """Return a client for MLflow's server, or for the database under the settings' home.

    Also sets it as the tracking URI of `mlflow.…` calls in this process. Raises KpiError when a
    server does not answer.
    """
    set_aside("MLflow")
    require_mlflow_server(settings)
    _answers_within(settings.patience_seconds)
    # Downloads go through the server: its artifact store may not be reachable from here.
    os.environ.setdefault("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "false")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri(settings)
    if not settings.mlflow_tracking_uri:
        lay_out_mlflow(mlflow_home(settings) / "mlflow.db")
    with without_warnings(), quick_imports(absent=NOT_LOGGED):
        import mlflow
    keep_mlflow_quiet()
    # uv's environments have no pip, and we list a model's requirements ourselves.
    logging.getLogger("mlflow.utils.environment").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(tracking_uri(settings))
    return mlflow.MlflowClient()


def _answers_within(seconds: int) -> None:
    """Let MLflow wait about so long for its server; by itself it waits twenty minutes.

    The pauses between its tries double from two seconds on, and take half of that at most.
    """
    tries_again = min(_TRIES_AGAIN, max(0, (seconds // 2).bit_length() - 2))
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", str(tries_again))
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", str(max(1, seconds // (tries_again + 1))))


def require_mlflow_server(settings: Settings) -> None:
    """Raise KpiError when the settings name a server that does not answer."""
    # MLflow itself would retry for minutes, then end in a traceback.
    address = settings.mlflow_tracking_uri or ""
    if not address.startswith(("http://", "https://")):
        return
    try:
        httpx.get(f"{address.rstrip('/')}/health", timeout=_TIMEOUT_SECONDS).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # 75 only when trying again may help.
        passes = isinstance(error, httpx.TransportError) or (
            isinstance(error, httpx.HTTPStatusError) and error.response.is_server_error
        )
        raise (Unavailable if passes else KpiError)(
            f"MLflow does not answer at {address} ({type(error).__name__}). Start it, or correct "
            "KPI_MLFLOW_TRACKING_URI."
        ) from error


def tracking_uri(settings: Settings) -> str:
    """Return the URL of MLflow's server or database."""
    if settings.mlflow_tracking_uri:
        return settings.mlflow_tracking_uri
    folder = mlflow_home(settings)
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'mlflow.db'}"
