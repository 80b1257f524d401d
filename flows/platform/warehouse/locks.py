"""Named locks, held until the end of the transaction that took them.

Each is an empty table of the schema `locks`, on which only its owner has a right: any role that
can connect could take, and keep, an advisory lock.
"""

from typing import LiteralString

from psycopg import sql

from flows.platform.warehouse.connection import Connection, execute, fetch_one, table_exists

# The server looks once a second whether a client is still there, and then cancels its statement.
_CLIENT_IS_MISSED = "'3s'"
_MIGRATIONS = ("dqm", "schema_migrations")


def wait_for_lock(connection: Connection, name: str) -> None:
    """Wait for the lock and hold it until the transaction ends.

    Raises psycopg's LockNotAvailable after the settings' lock timeout.
    """
    execute(connection, "platform/warehouse/lock.sql", table=sql.Identifier("locks", name))


def wait_for_lock_for_long(connection: Connection, name: str) -> None:
    """The same for a transaction that stays open, idle, while others do the work."""
    execute(connection, "platform/warehouse/stay_idle.sql")
    wait_for_lock(connection, name)


def wait_for_migrations(connection: Connection) -> None:
    """Wait until nobody else migrates, and keep others from it until the transaction ends."""
    if table_exists(connection, ".".join(_MIGRATIONS)):
        execute(connection, "platform/warehouse/lock.sql", table=sql.Identifier(*_MIGRATIONS))
    else:
        execute(connection, "platform/warehouse/first_lock.sql")


def try_lock(connection: Connection, name: str) -> bool:
    """Take the lock until the transaction ends; return False when another holds it."""
    return bool(fetch_one(connection, "platform/warehouse/try_lock.sql", {"name": name})["locked"])


def lock_soon(connection: Connection, name: str) -> None:
    """Take the lock until the transaction ends, before the transaction has a snapshot.

    Unlike a function, the statement leaves the snapshot to come, which then shows what the last
    holder did. Raises psycopg's LockNotAvailable when another holds the lock for longer than the
    server needs to notice that a client was killed; the transaction is over then.
    """
    _wait_at_most(connection, _CLIENT_IS_MISSED)
    wait_for_lock(connection, name)
    _wait_at_most(connection, "DEFAULT")


def _wait_at_most(connection: Connection, how_long: LiteralString) -> None:
    execute(connection, "platform/warehouse/wait_at_most.sql", at_most=sql.SQL(how_long))


def try_lock_for_long(connection: Connection, name: str) -> bool:
    """The same for a transaction that stays open, idle, while others do the work."""
    execute(connection, "platform/warehouse/stay_idle.sql")
    return try_lock(connection, name)
