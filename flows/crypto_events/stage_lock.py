"""One run at a time fills, judges or publishes the stage."""

from flows.errors import PipelineBusy
from flows.platform.warehouse.advisory_lock import try_lock
from flows.platform.warehouse.connection import Connection


def lock_stage(connection: Connection) -> None:
    """Keep others from staging or publishing until the transaction ends, or raise PipelineBusy."""
    if not try_lock(connection, "crypto_events stage"):
        raise PipelineBusy(
            "Another run is staging or publishing crypto events right now. "
            "Wait for it to end, then run again."
        )
