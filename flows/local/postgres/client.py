"""PostgreSQL's own client for the embedded server, which starts faster than a driver loads."""

import os
import subprocess
from contextlib import suppress
from urllib.parse import urlsplit

from flows.local.postgres.server import PostgresServer, wheel_binaries


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
    """Return whether the running server lets us into the database, and says so in time."""
    with suppress(subprocess.TimeoutExpired):
        return not subprocess.run(
            [wheel_binaries() / "psql", "--no-psqlrc", "--command", ""],
            env={"PATH": os.environ.get("PATH", os.defpath), **variables(server, name)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        ).returncode
    return False
