"""Named locks, held until the end of the transaction that took them.

Each is an empty table of the schema `locks`, on which only its owner has a right: any role that
can connect could take, and keep, an advisory lock.
"""

from psycopg import sql

from flows.platform.warehouse.connection import Connection, execute, fetch_one, table_exists

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


def lock_now(connection: Connection, name: str) -> None:
    """Take the lock until the transaction ends, before the transaction has a snapshot.

    Raises psycopg's LockNotAvailable when another holds it; the transaction is over then.
    """
    execute(connection, "platform/warehouse/lock_now.sql", table=sql.Identifier("locks", name))


def try_lock_for_long(connection: Connection, name: str) -> bool:
    """The same for a transaction that stays open, idle, while others do the work."""
    execute(connection, "platform/warehouse/stay_idle.sql")
    return try_lock(connection, name)
