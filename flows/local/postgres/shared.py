"""The embedded server as the warehouse: started on demand, shared, stopped by its last user.

In its folder, beside the files of flows/local/postgres/server.py:

- `users.lock`: every process that uses the server holds a shared lock. The kernel releases it
  when the process ends, however that happens, so a killed user does not count.
- `control.lock`: held exclusively to start or stop the server, or to decide about it.

`kpi up` runs a process that uses it (see flows/local/services/process.py), so the server stays up.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from pydantic import SecretStr

from flows.environment import set_aside
from flows.errors import BadInput, KpiError
from flows.local.postgres.client import has_database
from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.platform.storage.full_disk import MEGABYTE
from flows.platform.storage.home import keep_home_private, private_files
from flows.platform.storage.layout import embedded_server_folder
from flows.settings import Settings

DATABASE = "crypto_db"

_ROOM = 256 * MEGABYTE  # for PostgreSQL's WAL and a small delivery


def embedded_server(settings: Settings) -> PostgresServer:
    """Return the embedded server of these settings, running or not."""
    return PostgresServer(
        binaries=wheel_binaries(),
        folder=embedded_server_folder(settings),
        patience_seconds=settings.patience_seconds,
    )


def without_blocks(settings: Settings) -> Settings:
    """Return the settings with connections from the environment, whatever flows use."""
    return settings.model_copy(update={"connections": "environment"})


@contextmanager
def running_warehouse(settings: Settings, room: int | None = None) -> Iterator[Settings]:
    """Yield settings whose `database_url` points to a running server with a database.

    A `database_url`, from the settings or if so configured from a Prefect block, is used as it is.
    Otherwise the embedded server runs until its last user in any process is done. `room` is how
    many bytes what is done inside needs on its disk, where that is known. Raises KpiError when the
    server does not start or stop, when its disk is full, or when the block is missing.
    """
    if settings.connections == "blocks":
        from flows.platform.orchestration.blocks import connected
        from flows.platform.orchestration.environment import configure_prefect

        configure_prefect(settings)
        settings = connected(settings)
    if settings.database_url is not None:
        with private_files(settings):
            yield settings
        return
    set_aside("PostgreSQL", "embedded server")
    keep_home_private(settings)
    server = embedded_server(settings)
    with _open_lock(server.folder / "users.lock") as users:
        written = server.log_size()
        try:
            with _control(server):
                fcntl.flock(users, fcntl.LOCK_SH)
                server.start()
                if not has_database(server, DATABASE, settings.patience_seconds):
                    create_database(server, DATABASE)
            running = settings.model_copy(update={"database_url": SecretStr(server.url(DATABASE))})
            with private_files(settings):
                yield running
        except BaseException as error:
            _leave_after(error, server, users, written, room)
            raise
        _leave(server, users)


def _leave(server: PostgresServer, users: TextIO) -> None:
    with _control(server):
        if _only_user(users):
            server.stop()


def _leave_after(
    error: BaseException, server: PostgresServer, users: TextIO, written: int, room: int | None
) -> None:
    """Leave; raise KpiError when a full disk caused the error."""
    may_be_the_disk = isinstance(error, Exception) and not isinstance(error, BadInput)
    disk_is_full = may_be_the_disk and server.ran_out_of_disk(written)
    # Report the first error.
    with suppress(KpiError):
        _leave(server, users)
    if disk_is_full:
        free = shutil.disk_usage(server.folder).free // MEGABYTE
        done = "nothing was stored" if room else "what was under way was undone"
        raise KpiError(
            f"The disk is full: {done}. {(room or _ROOM) // MEGABYTE} MB are needed in "
            f"{server.folder}, and {free} MB are left: make room there, then run again."
        ) from error


def is_embedded(settings: Settings) -> bool:
    """Return whether the settings' warehouse is the embedded server of their home."""
    if settings.database_url is None:
        return True
    server = embedded_server(settings)
    url = settings.database_url.get_secret_value()
    return server.port is not None and url == server.url(DATABASE)


def stop_warehouse(settings: Settings) -> bool:
    """Stop the embedded server and return whether it was running.

    Raises KpiError when another process still uses it; that process stops it when it ends.
    """
    server = embedded_server(settings)
    if not server.folder.exists():
        return False
    with _control(server), _open_lock(server.folder / "users.lock") as users:
        if not _only_user(users):
            raise KpiError(
                "Another kpi process still uses the embedded server. It stops when that one ends."
            )
        ran = server.running
        server.stop()
        return ran


def is_left_behind(settings: Settings) -> bool:
    """Return whether the embedded server runs with no users: its last user was killed."""
    server = embedded_server(settings)
    if not server.running:
        return False
    with _control(server), _open_lock(server.folder / "users.lock") as users:
        return server.running and _only_user(users)


def create_database(server: PostgresServer, name: str) -> None:
    """Create a database on the running server, unless it exists."""
    # Once a home, while a driver takes long to load each time.
    import psycopg
    from psycopg import sql

    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


@contextmanager
def _control(server: PostgresServer) -> Iterator[None]:
    with _open_lock(server.folder / "control.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _open_lock(path: Path) -> Iterator[TextIO]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise KpiError(
            f"The folder {path.parent} cannot be written ({error.strerror}). "
            "Run kpi as the user who owns it, or set KPI_HOME to another folder."
        ) from error
    with file:
        yield file


def _only_user(users: TextIO) -> bool:
    # Upgrade our shared lock to an exclusive one. If that fails, the shared lock may be lost too,
    # which is fine: we are leaving.
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
