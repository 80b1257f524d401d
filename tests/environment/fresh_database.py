"""Databases that a test has to itself."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import pbkdf2_hmac, sha256
from hmac import digest
from pathlib import Path
from secrets import token_bytes

import psycopg
from psycopg import sql

from flows.local.postgres.server import PostgresServer

_administrators: dict[Path, psycopg.Connection] = {}


@contextmanager
def administered(server: PostgresServer) -> Iterator[None]:
    """Keep the connection that makes databases on the server, and let all connect fast."""
    _administrators[server.data] = connection = _administrator(server)
    connection.execute(
        sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(_kept(connection.info.password))
    )
    yield
    _administrators.pop(server.data).close()


def _administrator(server: PostgresServer) -> psycopg.Connection:
    return psycopg.connect(server.url("postgres"), autocommit=True)


def _administer(server: PostgresServer, statement: sql.Composed) -> None:
    try:
        _administrators[server.data].execute(statement)
    except psycopg.OperationalError:
        # A test may have restarted the server meanwhile.
        _administrators[server.data].close()
        _administrators[server.data] = _administrator(server)
        _administrators[server.data].execute(statement)


def _kept(password: str) -> str:
    """What PostgreSQL keeps of a password, hashed once: a thousand times only guards short ones.

    Whoever connects hashes it as often, which is a third of what a connection costs.
    """
    salt = token_bytes(16)
    salted = pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = sha256(digest(salted, b"Client Key", "sha256")).digest()
    of_the_server = digest(salted, b"Server Key", "sha256")
    salt_, stored_, server_ = (b64encode(key).decode() for key in (salt, stored, of_the_server))
    return f"SCRAM-SHA-256$1:{salt_}${stored_}:{server_}"


def create_database(server: PostgresServer, name: str, template: str = "template0") -> None:
    """Create a database that begins as a copy of the template, to which nobody is connected."""
    _administer(
        server,
        # Its files are copied: by way of the log, as is the default, it costs twice as much.
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template)
        ),
    )


@contextmanager
def fresh_database(server: PostgresServer, name: str, template: str = "template0") -> Iterator[str]:
    """Yield the URL of a copy of the template, which is deleted at the end."""
    create_database(server, name, template)
    yield server.url(name)
    _administer(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
