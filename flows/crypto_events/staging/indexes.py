"""A table that is filled at once gets its indexes when it is full, which costs a third less."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from flows.platform.warehouse.connection import Connection, execute


@contextmanager
def indexes_built_anew(connection: Connection) -> Iterator[None]:
    """Do without the indexes of raw.bt_crypto_judged meanwhile, then make them as they were.

    For a transaction that has emptied the table, since others are kept out of it either way.
    """
    indexes = execute(connection, "crypto_events/staging/judging/indexes.sql").fetchall()
    for index in indexes:
        connection.execute(sql.SQL(index["drop"]))
    yield
    execute(connection, "crypto_events/staging/judging/plan_for_indexes.sql")
    for index in indexes:
        connection.execute(sql.SQL(index["create"]))
