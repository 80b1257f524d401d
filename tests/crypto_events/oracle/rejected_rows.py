"""Rows that break the contract, recorded as ge_validate_raw does, without Great Expectations."""

from datetime import datetime

from flows.crypto_events.run import WindowRun
from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.settings import Settings
from tests.crypto_rows import ARRIVED, Row, add_rows, stage


def reject(
    settings: Settings, db: Connection, *rows: Row, arrived_at: datetime = ARRIVED
) -> list[int]:
    """Store bad rows and record them as rejects of a run; return their raw ids."""
    ids = add_rows(db, *rows, arrived_at=arrived_at)
    record_rejects(settings, stage(settings, tolerated=True))
    return ids


def record_rejects(settings: Settings, run: WindowRun) -> None:
    """Record the rejected rows of the staged window."""
    with transaction(settings, "test") as connection:
        execute(connection, "crypto_events/validation/record_rejects.sql", vars(run))
