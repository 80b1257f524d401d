"""Only one run at a time stages, validates or publishes the window."""

from psycopg import errors

from flows.errors import PipelineBusy
from flows.platform.warehouse.connection import Connection
from flows.platform.warehouse.locks import lock_soon


def lock_stage(connection: Connection) -> None:
    """Lock staging and publishing until the transaction ends; raise PipelineBusy if others do it.

    As its first statement, a transaction sees all that the last holder of the lock did.
    """
    try:
        lock_soon(connection, "crypto_events stage")
    except errors.LockNotAvailable as error:
        raise PipelineBusy(
            "Another run is staging or publishing crypto events right now. "
            "Wait for it to end, then run again."
        ) from error
