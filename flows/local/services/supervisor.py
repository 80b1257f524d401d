"""Supervisord, which keeps the services of the local platform running.

It restarts services that end, rotates logs, and listens on a loopback port with its own password.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from configparser import ConfigParser
from contextlib import contextmanager
from http.client import HTTPResponse
from io import StringIO
from pathlib import Path
from typing import Any
from xmlrpc.client import Error, ServerProxy, Transport

from flows.errors import KpiError
from flows.local.machine import (
    LOOPBACK,
    command_line,
    free_port,
    read_text,
    wait_until,
    write_private,
)

_SERVICE = "flows.local.services.process"
_STOP_SECONDS = 180  # each service in turn has its 30 (`stopwaitsecs`)


class Supervisor:
    """The supervisor of one folder: `supervisord.conf`, `supervisord.log` and `logs/`.

    Its start may take `patience` seconds.
    """

    def __init__(self, folder: Path, patience: int) -> None:
        self._patience = patience
        self._folder = folder.resolve()
        self._configuration = self._folder / "supervisord.conf"

    @property
    def pid(self) -> int | None:
        """Its process id, None when it is not running."""
        text = read_text(self._folder / "supervisord.pid")
        # After a crash, the pid in the file may belong to another process.
        if text and text.isdigit() and str(self._configuration) in command_line(int(text)):
            return int(text)
        return None

    def log(self, name: str) -> Path:
        """Path of a service's log; rotated logs are beside it as `.1` to `.3`."""
        return self._folder / "logs" / f"{name}.log"

    def start(self, names: Iterable[str], environment: Mapping[str, str]) -> None:
        """Start it in the background, ready to start these services; raise KpiError if it fails.

        They inherit this process's environment plus `environment`, and are stopped in reverse
        order.
        """
        (self._folder / "logs").mkdir(parents=True, exist_ok=True)
        self._configure(names)
        started = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", self._configuration],
            # Not in the file, where some characters in a path have a special meaning.
            env={**os.environ, **environment, "KPI_PYTHON": sys.executable},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if started.returncode or not wait_until(lambda: self.pid is not None, self._patience):
            raise KpiError(f"The supervisor does not start: {started.stderr.strip()}")

    def shut_down(self) -> None:
        """Stop every service and the supervisor; do nothing when it is not running."""
        if self.pid is None:
            return
        with self._asked() as supervisor:
            supervisor.shutdown()
        if not wait_until(lambda: self.pid is None, max(self._patience, _STOP_SECONDS)):
            raise KpiError(
                f"The supervisor (process {self.pid}) does not stop; see {self._folder}."
            )

    def start_service(self, name: str) -> None:
        """Start a service in the background, unless it is running."""
        if not self.runs(name):
            with self._asked() as supervisor:
                supervisor.startProcess(name, False)

    def is_of_this_version(self) -> bool:
        """Return whether it starts services the way this version of the code does."""
        configuration = ConfigParser(interpolation=None)
        configuration.read(self._configuration, encoding="utf-8")
        commands = [
            configuration[section]["command"]
            for section in configuration.sections()
            if section.startswith("program:")
        ]
        return all(f" -m {_SERVICE} " in command for command in commands)

    def runs(self, name: str) -> bool:
        """Return whether it keeps the service running, or tries to."""
        return self.states().get(name) in ("STARTING", "RUNNING", "BACKOFF")

    def states(self) -> dict[str, str]:
        """Return supervisord's state of each service, for example RUNNING; empty if it is down."""
        return {name: str(info["statename"]) for name, info in self._information().items()}

    def pids(self) -> dict[str, int]:
        """Return the process id of each running service."""
        return {name: info["pid"] for name, info in self._information().items() if info["pid"]}

    def _information(self) -> dict[str, dict[str, Any]]:
        if self.pid is None:
            return {}
        try:
            with self._asked() as supervisor:
                return {info["name"]: info for info in supervisor.getAllProcessInfo()}
        except (OSError, Error):
            # It is shutting down, or not listening yet.
            return {}

    def _configure(self, names: Iterable[str]) -> None:
        port, password = free_port(), secrets.token_urlsafe(24)
        configuration = ConfigParser(interpolation=None)
        configuration["supervisord"] = {
            "logfile": "%(here)s/supervisord.log",
            "pidfile": "%(here)s/supervisord.pid",
            "umask": "077",
        }
        if os.geteuid() == 0:
            # Without it, supervisord warns that it runs as root.
            configuration["supervisord"]["user"] = "root"
        configuration["inet_http_server"] = {
            "port": f"{LOOPBACK}:{port}",
            "username": "kpi",
            "password": password,
        }
        configuration["rpcinterface:supervisor"] = {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        }
        for priority, name in enumerate(names):
            configuration[f"program:{name}"] = {
                "command": f'"%(ENV_KPI_PYTHON)s" -m {_SERVICE} {name}',
                # Stopped in the reverse order, one after the other.
                "priority": str(priority),
                "autostart": "false",
                "autorestart": "true",
                # A service that exits sooner than this three times in a row is given up.
                "startsecs": "20",
                "startretries": "2",
                "stopwaitsecs": "30",
                "stopasgroup": "true",
                "killasgroup": "true",
                "redirect_stderr": "true",
                "stdout_logfile": f"%(here)s/logs/{name}.log",
                "stdout_logfile_maxbytes": "10MB",
                "stdout_logfile_backups": "3",
            }
        text = StringIO()
        configuration.write(text)
        write_private(self._configuration, text.getvalue())

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        """Yield the supervisor's methods."""
        configuration = ConfigParser(interpolation=None)
        configuration.read(self._configuration, encoding="utf-8")
        listening = configuration["inet_http_server"]
        login = f"{listening['username']}:{listening['password']}"
        address = f"http://{login}@{listening['port']}/RPC2"
        with ServerProxy(address, _ClosingTransport()) as proxy:
            yield proxy.supervisor


class _ClosingTransport(Transport):
    """Closes what it has read. Left to Python's finalizers, a Ctrl-C that comes then is lost."""

    def parse_response(self, response: HTTPResponse) -> Any:
        with response:
            return super().parse_response(response)
