"""A PostgreSQL server whose rights the tests of this folder may change."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from flows.local.postgres.server import PostgresServer

Url = Callable[..., str]


@pytest.fixture(scope="package")
def server_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What that server logs: every statement."""
    return tmp_path_factory.mktemp("own") / "postgres.log"


@pytest.fixture(scope="package")
def own_server(postgres_binaries: Path, server_log: Path) -> Iterator[str]:
    """URL of who owns a server whose rights these tests may change."""
    own = PostgresServer(
        binaries=postgres_binaries,
        folder=server_log.parent,
        settings={"fsync": "off", "log_statement": "all"},
    )
    own.start()
    yield own.url("postgres")
    own.stop()
    shutil.rmtree(own.folder)


@pytest.fixture(scope="package")
def url(own_server: str) -> Url:
    """Makes the URL of a role and a database on the server, with a password of its own."""
    address = own_server.rpartition("@")[2].partition("/")[0]
    passwords: dict[str, str] = {}

    def make(role: str, database: str, password: str | None = None) -> str:
        known = password or passwords.setdefault(role, token_hex())
        return f"postgresql://{role}:{known}@{address}/{database}"

    return make


@pytest.fixture(scope="package")
def administrator(own_server: str, url: Url) -> str:
    """URL of an administrator such as RDS and Cloud SQL give: no superuser."""
    made = url("administrator", "postgres")
    with psycopg.connect(own_server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                sql.Literal(conninfo_to_dict(made)["password"])
            )
        )
        # Another test may have kept all others out.
        connection.execute("GRANT CONNECT ON DATABASE postgres TO administrator")
    return made
