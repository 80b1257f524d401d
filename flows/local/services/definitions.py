"""The services of the local platform: how each is started, and where it listens.

All but PostgreSQL serve HTTP, each on its own loopback port.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.local.machine import LOOPBACK, free_port, is_free
from flows.local.postgres.prefect_layout import PREFECT_DATABASE
from flows.local.postgres.shared import DATABASE, embedded_server
from flows.local.services.programs import (
    prefect_environment,
    run_app,
    run_metrics,
    run_mlflow,
    run_prefect,
    start_worker,
)
from flows.platform.storage.atomic_files import read_json, write_json
from flows.settings import Settings

Ports = Mapping[str, int]


@dataclass(frozen=True)
class Service:
    """A service: `health` is the path that answers 200 when it is healthy, `page` what people open.

    `run` becomes the service, given settings and port; `environment` is added to the common one.
    """

    name: str
    title: str
    usual_port: int
    health: str
    run: Callable[[Settings, int], None]
    environment: Callable[[Settings], dict[str, str]] = lambda settings: {}
    page: str | None = None


# In dependency order: the last is stopped first.
SERVICES = (
    Service(
        *("prefect", "Prefect", 4200, "/api/health", run_prefect),
        environment=prefect_environment,
        page="/",
    ),
    Service(
        *("mlflow", "MLflow", 5000, "/health", run_mlflow),
        environment=lambda settings: {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        page="/",
    ),
    Service("app", "Streamlit", 8601, "/_stcore/health", run_app, page="/"),
    Service("worker", "Prefect worker", 4290, "/health", start_worker),
    Service("metrics", "Metrics", 9464, "/health", run_metrics, page="/metrics"),
)


def service(name: str) -> Service:
    """Return the service of that name; raise KeyError when there is none."""
    return {service.name: service for service in SERVICES}[name]


def environment_of(settings: Settings, name: str) -> dict[str, str]:
    """Return the environment variables that a service needs."""
    return {**service_environment(settings), **service(name).environment(settings)}


def service_environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables that point a process to the platform's services."""
    at, server = ports(settings), embedded_server(settings)
    return {
        "KPI_HOME": str(settings.home),
        "KPI_DATABASE_URL": server.url(DATABASE),
        "KPI_PREFECT_DATABASE_URL": server.url(PREFECT_DATABASE),
        "KPI_APP_URL": settings.app_url or address(at["app"]),
        "KPI_MLFLOW_TRACKING_URI": settings.mlflow_tracking_uri or address(at["mlflow"]),
        "PREFECT_API_URL": f"{address(at['prefect'])}/api",
        "PREFECT_UI_URL": address(at["prefect"]),
        "PREFECT_EXPERIMENTAL_EVENTS": "true",
    }


def address(port: int, path: str = "") -> str:
    """Return the URL of a port on this machine."""
    return f"http://{LOOPBACK}:{port}{path}"


def platform_folder(settings: Settings) -> Path:
    """Folder for the local platform's files: ports, logs, the supervisor's own files."""
    return settings.home / "platform"


def ports(settings: Settings) -> Ports:
    """Return the ports chosen at the last start; none before the first."""
    file = _ports_file(settings)
    return read_json(file) if file.exists() else {}


def choose_ports(settings: Settings, names: Iterable[str]) -> None:
    """Choose ports for these services: the usual one, or another if it is taken."""
    chosen = dict(ports(settings))
    for found in SERVICES:
        if found.name in names or found.name not in chosen:
            free = is_free(found.usual_port)
            chosen[found.name] = found.usual_port if free else free_port()
    platform_folder(settings).mkdir(parents=True, exist_ok=True)
    write_json(_ports_file(settings), chosen)


def _ports_file(settings: Settings) -> Path:
    return platform_folder(settings) / "ports.json"
