"""The local platform as a whole: start its services in order, check them, stop them."""

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from flows.environment import set_aside
from flows.errors import BadInput, KpiError
from flows.local.machine import LOOPBACK, read_text
from flows.local.postgres.shared import embedded_server, running_warehouse, stop_warehouse
from flows.local.services.definitions import (
    SERVICES,
    address,
    choose_ports,
    platform_folder,
    ports,
    service,
    service_environment,
)
from flows.local.services.process import POSTGRES, WORKER, postgres_pid_file
from flows.local.services.supervisor import Supervisor
from flows.platform.warehouse.connection import database_url
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

NAMES = (POSTGRES, *(service.name for service in SERVICES))

_HEALTH_SECONDS = 3
_OK = 200
_POLL_SECONDS = 0.2
_SHOWN_LINES = 15


@dataclass(frozen=True)
class ServiceHealth:
    """The health of a service: `state` as the supervisor reports it, and where to find it."""

    name: str
    title: str
    state: str
    healthy: bool
    port: int | None
    page: str | None
    log: Path


def platform_supervisor(settings: Settings) -> Supervisor:
    """Return the supervisor of these settings, running or not."""
    return Supervisor(platform_folder(settings), settings.patience_seconds)


def start_platform(
    settings: Settings,
    names: Sequence[str],
    prepare: Callable[[Settings], None],
    tell: Callable[[ServiceHealth], None],
    still: Callable[[str], None],
) -> None:
    """Start these services, those without dependencies in parallel, and wait for them.

    `prepare` is called with the running Prefect server's variables set, before a worker starts;
    `tell` with each service once it is healthy; `still` repeatedly with what is going on. A
    service that does not come up raises KpiError with the end of its log. Then, or on Ctrl-C, a
    platform started by this call is stopped again.
    """
    if unknown := [name for name in names if name not in NAMES]:
        raise BadInput(f"There is no service {unknown[0]}; there are {', '.join(NAMES)}.")
    set_aside("services")
    supervisor = platform_supervisor(settings)
    with running_warehouse(settings) as running, _stopped_on_failure(supervisor):
        migrate(running)
        if supervisor.pid is None:
            supervisor.start(NAMES, {"KPI_HOME": str(settings.home)})
        elif not supervisor.is_of_this_version():
            raise KpiError(
                "The platform that runs was started by another version of the code. "
                "Run `kpi down`, then `kpi up`."
            )
        choose_ports(settings, [name for name in names if not supervisor.runs(name)])
        starting = _Starting(settings, tell, still)
        starting.start(name for name in names if name != WORKER)
        if "prefect" in names:
            starting.wait({"prefect"})
            os.environ.update(service_environment(settings))
            still("Registering the deployments")
            prepare(running)
        starting.start(name for name in names if name == WORKER)
        starting.wait(set(names))


def stop_platform(settings: Settings) -> list[str]:
    """Stop every service, and return the titles of those that were running.

    Raises KpiError when another process still uses the embedded PostgreSQL server, which stops
    when that process ends.
    """
    ran = [found.title for found in platform_health(settings) if found.state != "STOPPED"]
    platform_supervisor(settings).shut_down()
    stop_warehouse(settings)
    return ran


def platform_health(settings: Settings) -> list[ServiceHealth]:
    """Return the health of each service."""
    states = platform_supervisor(settings).states()
    return [_health_of(settings, name, states.get(name, "STOPPED")) for name in NAMES]


def use_running_platform(settings: Settings) -> Settings:
    """Return settings that point to the platform's MLflow and app, and let Prefect use its server.

    Does nothing, and returns the same settings, unless the warehouse is a running platform's.
    """
    well = {found.name for found in platform_health(settings) if found.healthy}
    environment = service_environment(settings) if well else {}
    if environment.get("KPI_DATABASE_URL") != database_url(settings):
        return settings
    if "prefect" in well:
        for name, value in environment.items():
            if name.startswith("PREFECT_"):
                os.environ.setdefault(name, value)
    places = {"mlflow": "mlflow_tracking_uri", "app": "app_url"}
    found = {field: f"KPI_{field}".upper() for name, field in places.items() if name in well}
    for variable in found.values():
        os.environ[variable] = environment[variable]
    return settings.model_copy(
        update={field: environment[variable] for field, variable in found.items()}
    )


@contextmanager
def _stopped_on_failure(supervisor: Supervisor) -> Iterator[None]:
    ran_before = supervisor.pid is not None
    try:
        yield
    except BaseException:
        if not ran_before:
            supervisor.shut_down()
        raise


class _Starting:
    """Services that were started and are not healthy yet."""

    def __init__(
        self,
        settings: Settings,
        tell: Callable[[ServiceHealth], None],
        still: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._supervisor = platform_supervisor(settings)
        self._tell = tell
        self._still = still
        self._waiting: list[str] = []

    def start(self, names: Iterable[str]) -> None:
        """Start these services in the background."""
        for name in names:
            self._supervisor.start_service(name)
            self._waiting.append(name)

    def wait(self, names: Collection[str]) -> None:
        """Wait until these are healthy; report every service that becomes healthy meanwhile."""
        deadline = time.monotonic() + self._settings.patience_seconds
        while not set(names).isdisjoint(self._waiting):
            states = self._supervisor.states()
            late = time.monotonic() > deadline
            left = [self._look(name, states.get(name, "STOPPED"), late) for name in self._waiting]
            self._waiting = [found.name for found in left if not found.healthy]
            self._still(", ".join(found.title for found in left if not found.healthy))
            time.sleep(_POLL_SECONDS)

    def _look(self, name: str, state: str, late: bool) -> ServiceHealth:
        found = _health_of(self._settings, name, state)
        if found.healthy:
            self._tell(found)
        elif found.state == "FATAL":
            raise KpiError(f"{found.title} does not start; see {found.log}:\n{_end_of(found.log)}")
        elif late:
            raise KpiError(
                f"{found.title} is not well after {self._settings.patience_seconds} s. On a slow "
                f"machine set KPI_PATIENCE_SECONDS to more; see {found.log}:\n{_end_of(found.log)}"
            )
        return found


def _health_of(settings: Settings, name: str, state: str) -> ServiceHealth:
    supervisor = platform_supervisor(settings)
    if name == POSTGRES:
        server = embedded_server(settings)
        # Ready is not enough: the server must outlive this command.
        keeper = supervisor.pids().get(name)
        well = (
            server.ready()
            and keeper is not None
            and read_text(postgres_pid_file(settings)) == str(keeper)
        )
        return ServiceHealth(name, "PostgreSQL", state, well, server.port, None, server.log)
    found, port = service(name), ports(settings).get(name)
    runs = state in ("STARTING", "RUNNING") and port is not None
    healthy = runs and _is_up(port or 0, found.health)
    page = address(port, found.page) if port and found.page else None
    return ServiceHealth(name, found.title, state, healthy, port, page, supervisor.log(name))


def _is_up(port: int, path: str) -> bool:
    with closing(HTTPConnection(LOOPBACK, port, timeout=_HEALTH_SECONDS)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == _OK
        except (OSError, HTTPException):
            return False


def _end_of(log: Path) -> str:
    if not log.exists():
        return "(it said nothing)"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_SHOWN_LINES:])
