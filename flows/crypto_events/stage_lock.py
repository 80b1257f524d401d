"""Only one run at a time stages, validates or publishes the window."""

from flows.errors import PipelineBusy
from flows.platform.warehouse.connection import Connection
from flows.platform.warehouse.locks import try_lock


def lock_stage(connection: Connection) -> None:
    """Lock staging and publishing until the transaction ends; raise PipelineBusy if locked."""
    if not try_lock(connection, "crypto_events stage"):
        raise PipelineBusy(
            "Another run is staging or publishing crypto events right now. "
            "Wait for it to end, then run again."
        )
