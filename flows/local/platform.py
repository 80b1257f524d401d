"""The local platform as a whole: start its services in order, look at them, stop them."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from flows.local.machine import read_text
from flows.local.serve import POSTGRES, WORKER, kept_by
from flows.local.services import (
    SERVICES,
    address,
    choose_ports,
    platform_folder,
    ports,
    service,
    service_environment,
)
from flows.local.supervisor import Supervisor
from flows.local.warehouse import embedded_server, running_warehouse, stop_warehouse
from flows.platform.errors import BadInput, KpiError
from flows.platform.migrations import migrate
from flows.platform.settings import Settings
from flows.platform.warehouse import database_url

NAMES = (POSTGRES, *(service.name for service in SERVICES))

_START_SECONDS = 240
_HEALTH_SECONDS = 3
_POLL_SECONDS = 0.2
_SHOWN_LINES = 15


@dataclass(frozen=True)
class Condition:
    """How a service is: `state` as the supervisor says it, and where people find it."""

    name: str
    title: str
    state: str
    healthy: bool
    port: int | None
    page: str | None
    log: Path


def platform_supervisor(settings: Settings) -> Supervisor:
    """Return the supervisor of these settings, running or not."""
    return Supervisor(platform_folder(settings))


def start_platform(
    settings: Settings,
    names: Sequence[str],
    prepare: Callable[[Settings], None],
    tell: Callable[[Condition], None],
) -> None:
    """Start these services, in the order in which they need one another, and wait for them.

    `prepare` is called with the environment of the running Prefect server, before a worker
    starts; `tell` with each service that is well. What was started is stopped again when one
    does not come up, which raises KpiError with the end of its log, or on Ctrl-C.
    """
    if unknown := [name for name in names if name not in NAMES]:
        raise BadInput(f"There is no service {unknown[0]}; there are {', '.join(NAMES)}.")
    supervisor = platform_supervisor(settings)
    with running_warehouse(settings) as running, _stopped_on_failure(supervisor):
        migrate(running)
        if supervisor.pid is None:
            supervisor.start(NAMES, {"KPI_HOME": str(settings.home)})
        choose_ports(settings, [name for name in names if not supervisor.keeps(name)])
        _bring_up(settings, [name for name in names if name != WORKER], tell)
        if "prefect" in names:
            os.environ.update(service_environment(settings))
            prepare(running)
        _bring_up(settings, [name for name in names if name == WORKER], tell)


def stop_platform(settings: Settings) -> list[str]:
    """Stop every service, and return the titles of those that ran.

    Raises KpiError when another process still uses the embedded PostgreSQL server, which then
    stops with that one.
    """
    ran = [found.title for found in conditions(settings) if found.state != "STOPPED"]
    platform_supervisor(settings).shut_down()
    stop_warehouse(settings)
    return ran


def conditions(settings: Settings) -> list[Condition]:
    """Return how each service is."""
    states = platform_supervisor(settings).states()
    return [_condition(settings, name, states.get(name, "STOPPED")) for name in NAMES]


def use_running_platform(settings: Settings) -> Settings:
    """Return settings that lead to the platform's MLflow and app, and let Prefect use its server.

    They are the same, and nothing changes, when the warehouse is not that of a running platform.
    """
    well = {found.name for found in conditions(settings) if found.healthy}
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


def _bring_up(settings: Settings, names: Sequence[str], tell: Callable[[Condition], None]) -> None:
    supervisor = platform_supervisor(settings)
    for name in names:
        supervisor.start_service(name)
    waiting = list(names)
    deadline = time.monotonic() + _START_SECONDS
    while waiting:
        states = supervisor.states()
        for name in list(waiting):
            found = _condition(settings, name, states.get(name, "STOPPED"))
            if found.healthy:
                waiting.remove(name)
                tell(found)
            elif found.state == "FATAL" or time.monotonic() > deadline:
                said = _end_of(found.log)
                raise KpiError(f"{found.title} does not start; see {found.log}:\n{said}")
        time.sleep(_POLL_SECONDS)


def _condition(settings: Settings, name: str, state: str) -> Condition:
    supervisor = platform_supervisor(settings)
    if name == POSTGRES:
        server = embedded_server(settings)
        # Ready is not enough: it has to be ready for longer than this command runs.
        keeper = supervisor.pids().get(name)
        well = server.ready() and keeper is not None and read_text(kept_by(settings)) == str(keeper)
        return Condition(name, "PostgreSQL", state, well, server.port, None, server.log)
    found, port = service(name), ports(settings).get(name)
    runs = state in ("STARTING", "RUNNING") and port is not None
    healthy = runs and _answers(address(port or 0, found.health))
    page = address(port, found.page) if port and found.page else None
    return Condition(name, found.title, state, healthy, port, page, supervisor.log(name))


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=_HEALTH_SECONDS).is_success
    except httpx.HTTPError:
        return False


def _end_of(log: Path) -> str:
    if not log.exists():
        return "(it said nothing)"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_SHOWN_LINES:])
