"""One run of a pipeline at a time, whoever starts it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from flows.errors import KpiError, PipelineBusy, first_line
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.connection import (
    Connection,
    connect,
    execute,
    is_transient,
    transaction,
)
from flows.platform.warehouse.locks import try_lock_for_long
from flows.settings import Settings

logger = logging.getLogger(__name__)

_AGAIN = "Wait for it to end, then run again."
# So long a try waits for the server to notice that the process of the one before has ended.
_NOTICED_IN_SECONDS = 10


@contextmanager
def pipeline_lock(
    settings: Settings, pipeline: str, run: Run, *, seconds_to_next_step: int = 0
) -> Iterator["PipelineLock"]:
    """Keep other runs of the pipeline out; raise PipelineBusy, naming the holder, when it is taken.

    The lock belongs to a connection, so it ends with the process, however that ends. When each
    step is its own process, the run holds the pipeline for another `seconds_to_next_step` after
    this one, unless that failed permanently. Losing the lock after the work is done only logs a
    warning.
    """
    lock = PipelineLock(settings, pipeline, run)
    try:
        lock.take()
        try:
            yield lock
        except BaseException as error:
            # After a transient error, the next process of the same run will retry soon.
            with suppress(psycopg.Error):
                lock.release(seconds_to_next_step if is_transient(error) else 0)
            raise
        try:
            lock.check()
            lock.release(seconds_to_next_step)
        except (psycopg.Error, KpiError) as error:
            logger.warning(
                "The lock of %s was lost, after all was done (%s).",
                pipeline,
                first_line(error),
            )
    finally:
        lock.close()


class PipelineLock:
    """One run's lock on a pipeline, held by the open transaction of a connection of its own.

    `goes_on`: whether the run held the pipeline before, in an earlier step that let nobody else in.
    """

    def __init__(self, settings: Settings, pipeline: str, run: Run) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._purpose = f"{pipeline} as_of={run.as_of} run={run.run_id}"
        self._names = {"pipeline": pipeline, "run_id": run.run_id, "as_of": run.as_of}
        self._connection: Connection | None = None
        self.goes_on = False

    def take(self) -> None:
        """Take the lock; raise PipelineBusy, naming the holder, when it is taken.

        Waits for a connection of the same run, whose process was killed, to be noticed.
        """
        self.close()
        self._connection = connect(self._settings, self._purpose)
        _lock(self._connection, self._pipeline)
        other = execute(
            self._connection, "platform/pipeline/hold_of_another_run.sql", self._names
        ).fetchone()
        if other:
            # At once: the server notices some time later that a connection has ended.
            self._connection.rollback()
            raise PipelineBusy(
                f"Another run holds {self._pipeline}: {other['run_id']} as of {other['as_of']}, "
                f"between two of its steps, since "
                f"{other['held_since']:%Y-%m-%d %H:%M:%S %Z}. {_AGAIN}"
            )
        before = execute(self._connection, "platform/pipeline/hold_of_run.sql", self._names)
        self.goes_on = before.fetchone() is not None
        # By another connection: this one's transaction shows nothing before it ends, with the lock.
        with transaction(self._settings, f"hold {self._pipeline}") as connection:
            self._hold(connection, seconds=0)

    def check(self) -> None:
        """Take the lock again if its connection was cut unnoticed.

        Raises PipelineBusy when another run took it meanwhile, psycopg's OperationalError when the
        warehouse is unreachable.
        """
        try:
            execute(self._held(), "platform/pipeline/lock_lives.sql")
        except psycopg.OperationalError:
            self.take()
            logger.warning("The connection that holds %s was cut: taken again.", self._pipeline)

    def release(self, seconds_to_next_step: int) -> None:
        """Let other runs start, or keep them out this long until the run's next step begins."""
        connection = self._held()
        if seconds_to_next_step:
            self._hold(connection, seconds_to_next_step)
        else:
            execute(connection, "platform/pipeline/release_hold.sql", self._names)
        connection.commit()

    def _hold(self, connection: Connection, seconds: int) -> None:
        """Write down whose the pipeline is; PostgreSQL cuts what a connection says of itself."""
        names = {**self._names, "seconds": seconds}
        execute(connection, "platform/pipeline/extend_hold.sql", names)

    def close(self) -> None:
        """Close the connection, which releases the lock."""
        if self._connection is not None:
            self._connection.close()

    def _held(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("The lock was not taken.")
        return self._connection


def _lock(connection: Connection, pipeline: str) -> None:
    until = time.monotonic() + _NOTICED_IN_SECONDS
    while not try_lock_for_long(connection, pipeline):
        holder = execute(
            connection, "platform/pipeline/lock_holder.sql", {"pipeline": pipeline}
        ).fetchone()
        if time.monotonic() > until or (holder and not holder["same_run"]):
            raise PipelineBusy(f"Another run holds {pipeline}: {_named(holder)}. {_AGAIN}")
        # A transaction goes on seeing the connections that it has once seen.
        connection.rollback()
        time.sleep(0.05)


def _named(holder: dict[str, Any] | None) -> str:
    if holder is None:
        return "it ended just now"
    return f"{holder['who']}, since {holder['since']:%Y-%m-%d %H:%M:%S %Z}"
