"""`python -m flows.local.services.process NAME`: become a service of the local platform.

The supervisor runs this, so each start reads the current addresses.
"""

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from flows.lazy_imports import quick_imports

with quick_imports(when_used=("httpx", "psutil")):
    import psutil

    from flows.environment import set_aside
    from flows.local.machine import write_private
    from flows.local.postgres.shared import embedded_server, running_warehouse, without_blocks
    from flows.local.services.definitions import environment_of, platform_folder, ports, service
    from flows.paths import REPOSITORY
    from flows.platform.orchestration.environment import configure_prefect
    from flows.settings import Settings, load_settings

POSTGRES = "postgres"
WORKER = "worker"

_LOOK_SECONDS = 1
_PROGRAM = "flows.local.services.process"
_PR_SET_PDEATHSIG = 1  # of linux/prctl.h


def main(name: str) -> None:
    """Run the service `name` until it ends; the PostgreSQL one keeps the embedded server up."""
    _end_with_the_supervisor()
    set_aside("embedded server", "PostgreSQL", "MLflow", "services")
    # Flow runs find their .env there, and Streamlit its configuration.
    os.chdir(REPOSITORY)
    settings = without_blocks(load_settings())
    if name == POSTGRES:
        use_postgres(settings)
        return
    configure_prefect(settings)
    os.environ.update(environment_of(settings, name))
    if name != WORKER:
        # Flow runs of a dead worker continue, and report their end to the server themselves.
        end_leftovers(name)
    service(name).run(settings, ports(settings)[name])


def postgres_pid_file(settings: Settings) -> Path:
    """Return the file with the process id of the PostgreSQL service."""
    return platform_folder(settings) / "postgres.pid"


def end_leftovers(name: str) -> None:
    """Kill an earlier process of this service, which holds its port if the supervisor was killed.

    On Linux it has already ended with the supervisor.
    """
    home = os.environ.get("KPI_HOME")
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            serves = process.cmdline()[-2:] == [_PROGRAM, name] and process.pid != os.getpid()
            if serves and process.environ().get("KPI_HOME") == home:
                process.kill()
                process.wait(_LOOK_SECONDS)


def use_postgres(settings: Settings) -> None:
    """Use the embedded server, to keep it up, until SIGTERM; exit with an error if it is gone."""
    # As an exception, so that the last user stops the server.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(0))
    server = embedded_server(settings)
    with running_warehouse(settings):
        write_private(postgres_pid_file(settings), str(os.getpid()))
        while server.running:
            time.sleep(_LOOK_SECONDS)
    sys.exit(f"PostgreSQL ended; see {server.log}.")


def _end_with_the_supervisor() -> None:
    # A killed supervisor stops no process. Linux only: macOS has no equivalent.
    if Path("/proc/self").exists():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1])
