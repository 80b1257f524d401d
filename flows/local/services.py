"""The services of the local platform: how each is started, and where it listens.

All but PostgreSQL speak HTTP, on a loopback port of their own.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.local.machine import LOOPBACK, free_port, is_free
from flows.local.warehouse import DATABASE, create_database, embedded_server
from flows.platform.artifacts import mlflow_home
from flows.platform.files import read_json, write_json
from flows.platform.paths import REPOSITORY
from flows.platform.registry import tracking_uri
from flows.platform.settings import Settings

PREFECT_DATABASE = "prefect_db"

Ports = Mapping[str, int]


@dataclass(frozen=True)
class Service:
    """A service: `health` is the path that answers 200 when it is well, `page` what people open.

    `command` gets the settings and the port; `environment` is added to everybody's.
    """

    name: str
    title: str
    usual_port: int
    health: str
    command: Callable[[Settings, int], list[str]]
    environment: Callable[[Settings, int], dict[str, str]] = lambda settings, port: {}
    page: str | None = None


def _prefect(settings: Settings, port: int) -> list[str]:
    # What `prefect server start` runs; it refuses a port that was in use a minute ago.
    application = ["--factory", "prefect.server.api.server:create_app"]
    return ["uvicorn", *application, "--host", LOOPBACK, "--port", str(port)]


def _prefect_environment(settings: Settings, port: int) -> dict[str, str]:
    server = embedded_server(settings)
    create_database(server, PREFECT_DATABASE)
    url = server.url(PREFECT_DATABASE).replace("postgresql://", "postgresql+asyncpg://")
    return {
        "PREFECT_API_DATABASE_CONNECTION_URL": url,
        # It would print every event.
        "PREFECT_API_SERVICES_EVENT_LOGGER_ENABLED": "false",
    }


def _worker(settings: Settings, port: int) -> list[str]:
    return ["flows.cli", "worker", "--host", LOOPBACK, "--port", str(port)]


def _mlflow(settings: Settings, port: int) -> list[str]:
    # The store that commands use while no server runs: both see the same models.
    embedded = settings.model_copy(update={"mlflow_tracking_uri": None})
    artifacts = (mlflow_home(settings) / "artifacts").as_uri()
    return [
        *("mlflow", "server", "--host", LOOPBACK, "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", tracking_uri(embedded), "--default-artifact-root", artifacts),
        "--no-serve-artifacts",
    ]


def _app(settings: Settings, port: int) -> list[str]:
    page = str(REPOSITORY / "app" / "main.py")
    where = ["--server.address", LOOPBACK, "--server.port", str(port)]
    return ["streamlit", "run", page, *where, "--server.headless", "true"]


# In the order in which they need one another: the last is stopped first.
SERVICES = (
    Service(
        *("prefect", "Prefect", 4200, "/api/health", _prefect),
        environment=_prefect_environment,
        page="/",
    ),
    Service(
        *("mlflow", "MLflow", 5000, "/health", _mlflow),
        environment=lambda settings, port: {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        page="/",
    ),
    Service("app", "Streamlit", 8601, "/_stcore/health", _app, page="/"),
    Service("worker", "Prefect worker", 4290, "/health", _worker),
)


def service(name: str) -> Service:
    """Return the service of that name; raise KeyError when there is none."""
    return {service.name: service for service in SERVICES}[name]


def launch(settings: Settings, name: str) -> tuple[list[str], dict[str, str]]:
    """Return the command of a service and the environment variables that it needs."""
    found, port = service(name), ports(settings)[name]
    program, *arguments = found.command(settings, port)
    environment = {**service_environment(settings), **found.environment(settings, port)}
    return [sys.executable, "-m", program, *arguments], environment


def service_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that lead a process to the platform's services."""
    at = ports(settings)
    return {
        "KPI_HOME": str(settings.home),
        "KPI_DATABASE_URL": embedded_server(settings).url(DATABASE),
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
    """Folder of what the local platform keeps: ports, logs, the supervisor's own files."""
    return settings.home / "platform"


def ports(settings: Settings) -> Ports:
    """Return the ports that were chosen at the last start; none before the first."""
    file = _ports_file(settings)
    return read_json(file) if file.exists() else {}


def choose_ports(settings: Settings, names: Iterable[str]) -> None:
    """Choose the ports of these services: the usual one, or another when that is taken."""
    chosen = dict(ports(settings))
    for found in SERVICES:
        if found.name in names or found.name not in chosen:
            free = is_free(found.usual_port)
            chosen[found.name] = found.usual_port if free else free_port()
    platform_folder(settings).mkdir(parents=True, exist_ok=True)
    write_json(_ports_file(settings), chosen)


def _ports_file(settings: Settings) -> Path:
    return platform_folder(settings) / "ports.json"
