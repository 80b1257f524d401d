"""Named PostgreSQL advisory locks, released with the transaction or connection that holds them."""

from flows.platform.warehouse.connection import Connection, execute, fetch_one


def wait_for_lock(connection: Connection, name: str) -> None:
    """Wait for the lock and hold it until the transaction ends.

    Raises psycopg's LockNotAvailable after the settings' lock timeout.
    """
    execute(connection, "platform/warehouse/lock.sql", {"name": name})


def try_lock(connection: Connection, name: str) -> bool:
    """Take the lock until the transaction ends; return False when another holds it."""
    return bool(fetch_one(connection, "platform/warehouse/try_lock.sql", {"name": name})["locked"])


def try_lock_of_connection(connection: Connection, name: str) -> bool:
    """Take the lock until the connection ends; return False when another holds it."""
    found = fetch_one(connection, "platform/warehouse/try_lock_of_connection.sql", {"name": name})
    return bool(found["locked"])


def unlock_connection(connection: Connection) -> None:
    """Release every lock of the connection."""
    execute(connection, "platform/warehouse/unlock_connection.sql")
