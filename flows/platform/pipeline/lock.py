"""One run of a pipeline at a time, whoever starts it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from flows.errors import PipelineBusy
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.advisory_lock import try_lock_of_connection, unlock_connection
from flows.platform.warehouse.connection import Connection, connect, execute, is_transient
from flows.settings import Settings

_AGAIN = "Wait for it to end, then run again."


@contextmanager
def pipeline_lock(
    settings: Settings, pipeline: str, run: Run, *, seconds_to_next_step: int = 0
) -> Iterator[None]:
    """Keep other runs of the pipeline out; raise PipelineBusy that says who holds it.

    The lock belongs to the connection: it ends with the process, however that ends. With
    `seconds_to_next_step` the run keeps the pipeline so long after this step, unless that failed
    for good: its next step is another process.
    """
    purpose = f"{pipeline} as_of={run.as_of} run={run.run_id}"
    names = {"pipeline": pipeline, "run_id": run.run_id, "as_of": run.as_of}
    with connect(settings, purpose, autocommit=True) as connection:
        _lock(connection, pipeline)
        other = execute(connection, "platform/pipeline/hold_of_another_run.sql", names).fetchone()
        if other:
            raise PipelineBusy(
                f"Another run holds {pipeline}: {other['run_id']} as of {other['as_of']}, between "
                f"two of its steps, since {other['held_since']:%Y-%m-%d %H:%M:%S %Z}. {_AGAIN}"
            )
        try:
            yield
        except BaseException as error:
            # What may pass by itself is tried again soon: by the next process of the same run.
            with suppress(psycopg.OperationalError):
                _hand_over(connection, names, seconds_to_next_step if is_transient(error) else 0)
            raise
        _hand_over(connection, names, seconds_to_next_step)


def _hand_over(connection: Connection, names: dict[str, Any], seconds: int) -> None:
    if seconds:
        execute(connection, "platform/pipeline/extend_hold.sql", {**names, "seconds": seconds})
    else:
        execute(connection, "platform/pipeline/release_hold.sql", names)
    unlock_connection(connection)


def _lock(connection: Connection, pipeline: str) -> None:
    if try_lock_of_connection(connection, pipeline):
        return
    holder = execute(
        connection, "platform/pipeline/lock_holder.sql", {"pipeline": pipeline}
    ).fetchone()
    who = (
        f"{holder['application_name']}, since {holder['backend_start']:%Y-%m-%d %H:%M:%S %Z}"
        if holder
        else "it ended just now"
    )
    raise PipelineBusy(f"Another run holds {pipeline}: {who}. {_AGAIN}")
