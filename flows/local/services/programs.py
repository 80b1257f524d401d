"""How a process becomes a service of the local platform, without a second interpreter.

Each program is imported with garbage collection off, and only in the process that needs it.
"""

from threading import Event
from typing import Any

from flows.lazy_imports import quick_imports
from flows.local.machine import LOOPBACK
from flows.local.postgres.prefect_layout import PREFECT_DATABASE, lay_out
from flows.local.postgres.shared import embedded_server
from flows.local.services.prefect_key import keep_key_in
from flows.own_pages import OwnPages
from flows.paths import REPOSITORY
from flows.platform.deployments.prefect_server import create_app
from flows.platform.deployments.worker import run_worker
from flows.platform.storage.layout import mlflow_home
from flows.platform.tracking.client import tracking_uri
from flows.platform.tracking.database import lay_out_mlflow
from flows.platform.tracking.mlflow_server import served
from flows.settings import Settings, load_settings

_PREFECT_KEY = "prefect.key"


def prefect_environment(settings: Settings) -> dict[str, str]:
    """Create the database of Prefect's server; return the server's environment variables."""
    server = embedded_server(settings)
    settled = lay_out(server, PREFECT_DATABASE)
    url = server.url(PREFECT_DATABASE).replace("postgresql://", "postgresql+asyncpg://")
    return {
        **settled,
        **keep_key_in(settings.home / "platform" / _PREFECT_KEY, server.url(PREFECT_DATABASE)),
        "PREFECT_API_DATABASE_CONNECTION_URL": url,
        # It would print every event.
        "PREFECT_API_SERVICES_EVENT_LOGGER_ENABLED": "false",
    }


def run_prefect(settings: Settings, port: int) -> None:
    """Serve what `prefect server start` serves; that refuses a port in use a minute ago."""
    _serve(create_app(), port)


def run_mlflow(settings: Settings, port: int) -> None:
    """Serve MLflow's API and UI on the embedded store; `mlflow server` uses two processes."""
    # The store that commands use when no server runs: both see the same models.
    store = tracking_uri(settings.model_copy(update={"mlflow_tracking_uri": None}))
    artifacts = (mlflow_home(settings) / "artifacts").as_uri()
    lay_out_mlflow(mlflow_home(settings) / "mlflow.db")
    app = served(store, artifacts=artifacts)
    _serve(OwnPages(app, settings.allowed_hosts, [settings.mlflow_ui_url]), port)


def run_app(settings: Settings, port: int) -> None:
    """Serve the app, as `streamlit run` does."""
    with quick_imports():
        from streamlit.web.cli import main
    page = str(REPOSITORY / "app" / "main.py")
    where = ["--server.address", LOOPBACK, "--server.port", str(port)]
    main(["run", page, *where, "--server.headless", "true"], prog_name="streamlit")


def run_metrics(settings: Settings, port: int) -> None:
    """Serve the metrics of the platform, whose addresses are in the environment."""
    with quick_imports():
        from flows.observed.serve import serve
    serve(load_settings(), LOOPBACK, port)
    Event().wait()


def start_worker(settings: Settings, port: int) -> None:
    """Become the worker."""
    run_worker(LOOPBACK, port)


def _serve(application: Any, port: int) -> None:
    import uvicorn

    uvicorn.run(application, host=LOOPBACK, port=port)
