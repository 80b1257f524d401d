"""Databases that a test has to itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from flows.local.postgres.server import PostgresServer


def create_database(server: PostgresServer, name: str, template: str = "template0") -> None:
    """Create a database that begins as a copy of the template, to which nobody is connected."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(
            # Its files are copied: by way of the log, as is the default, it costs twice as much.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


@contextmanager
def fresh_database(server: PostgresServer, name: str, template: str = "template0") -> Iterator[str]:
    """Yield the URL of a copy of the template, which is deleted at the end."""
    create_database(server, name, template)
    yield server.url(name)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
