"""PostgreSQL's own client for the embedded server, which starts faster than a driver loads."""

import os
import subprocess
from contextlib import suppress
from urllib.parse import urlsplit

from flows.local.machine import read_text, write_private
from flows.local.postgres.server import PostgresServer, wheel_binaries

_OID = "SELECT oid FROM pg_database WHERE datname = current_database()"


def variables(server: PostgresServer, database: str) -> dict[str, str]:
    """Return what leads PostgreSQL's programs to a database of the server, its password included.

    Variables, because other users see a process's arguments. Raises KpiError before the first
    start.
    """
    url = urlsplit(server.url(database))
    return {
        "PGHOST": str(url.hostname),
        "PGPORT": str(url.port),
        "PGUSER": str(url.username),
        "PGPASSWORD": str(url.password),
        "PGDATABASE": database,
    }


def has_database(server: PostgresServer, name: str, seconds: int) -> bool:
    """Return whether the running server has the database, and says so in time.

    It is asked once. From then on the database's folder among its files tells: to ask costs a
    process of ours and one of the server's.
    """
    noted = server.folder / f"{name}.oid"
    if read_text(noted) in _folders(server):
        return True
    with suppress(subprocess.TimeoutExpired):
        asked = subprocess.run(
            [wheel_binaries() / "psql", "--no-psqlrc", "--tuples-only", "--command", _OID],
            env={"PATH": os.environ.get("PATH", os.defpath), **variables(server, name)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if asked.returncode == 0:
            write_private(noted, _note(server, asked.stdout.strip()))
            return True
    return False


def _folders(server: PostgresServer) -> set[str]:
    """Return what would be noted of each database that the server has."""
    return {_note(server, folder.name) for folder in (server.data / "base").iterdir()}


def _note(server: PostgresServer, oid: str) -> str:
    # Another server in the same place may give the same number to another database.
    return f"{oid} {(server.data / 'PG_VERSION').stat().st_mtime_ns}"
