"""Locks of ours in PostgreSQL: named, gone with the transaction or the connection that has them."""

from flows.platform.warehouse.connection import Connection, execute, fetch_one


def wait_for_lock(connection: Connection, name: str) -> None:
    """Take the lock until the transaction ends, once nobody else has it.

    Raises psycopg's LockNotAvailable after the settings' lock timeout.
    """
    execute(connection, "platform/warehouse/lock.sql", {"name": name})


def try_lock(connection: Connection, name: str) -> bool:
    """Take the lock until the transaction ends; return False when somebody else has it."""
    return bool(fetch_one(connection, "platform/warehouse/try_lock.sql", {"name": name})["locked"])


def try_lock_of_connection(connection: Connection, name: str) -> bool:
    """Take the lock until the connection ends; return False when somebody else has it."""
    found = fetch_one(connection, "platform/warehouse/try_lock_of_connection.sql", {"name": name})
    return bool(found["locked"])


def unlock_connection(connection: Connection) -> None:
    """Give back each lock that the connection has taken."""
    execute(connection, "platform/warehouse/unlock_connection.sql")
