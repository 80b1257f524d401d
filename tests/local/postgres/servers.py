"""Embedded servers for tests, and a statement on one."""

from collections.abc import Callable

import psycopg

from flows.local.postgres.server import PostgresServer

PATIENCE = 60

Make = Callable[..., PostgresServer]


def run(server: PostgresServer, statement: str) -> object:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None
