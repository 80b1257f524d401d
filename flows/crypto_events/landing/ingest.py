"""Store a delivery: all rows exactly as they arrived, or none."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from psycopg import errors, sql

from flows.contracts.producers.producer import Producer
from flows.crypto_events.calendar import date_forms, ensure_calendar
from flows.crypto_events.landing.delivery import Delivery, open_delivery
from flows.crypto_events.landing.producers_delivery import (
    open_producers_delivery,
    without_people,
)
from flows.crypto_events.landing.told import told_delivery
from flows.crypto_events.landing.whose import Whose
from flows.crypto_events.rule_sql import check_rules
from flows.errors import KpiError, PipelineBusy
from flows.platform.forgetting.forgotten import forgotten_people
from flows.platform.forgetting.people import People
from flows.platform.warehouse.connection import Connection, execute, fetch_one, transaction
from flows.platform.warehouse.locks import wait_for_lock
from flows.settings import Settings
from flows.sql_files import read_sql

logger = logging.getLogger(__name__)

Mode = Literal["append", "replace-days"]

_ROWS_BETWEEN_REPORTS = 20_000

# What COPY would read as something else; a file may be called anything.
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Ingested:
    """What a delivery changed; `days` are the days with delivered rows, oldest first.

    `rows_forgotten` are left out, being of people who were forgotten; `rows_left_out`, because the
    producer's file says that they are none of the contract's.
    """

    source_name: str
    rows_read: int
    rows_stored: int
    rows_replaced: int
    days: tuple[date, ...]
    rows_forgotten: int = 0
    rows_left_out: int = 0


def ingest(
    settings: Settings,
    file: Path,
    mode: Mode,
    on_progress: Callable[[int], None] | None = None,
    producer: Producer | None = None,
) -> Ingested:
    """Store the CSV file in raw.bt_crypto_transaction_history, in one transaction.

    `replace-days` also moves the earlier rows of the delivered days, and the undated rows of an
    earlier file with the same name, to raw.bt_crypto_transaction_history_replaced.
    A `producer` says how its file becomes the contract's columns; its rows are kept beside them as
    they arrived. Rows of people who were forgotten are left out, and counted. `on_progress` gets
    the bytes read so far. Raises BadInput (nothing is stored) for a rule that does not run, and at
    the first invalid row, PipelineBusy when another delivery replaces days for too long.
    """
    read_as = {name: source.header for name, source in producer.columns.items()} if producer else {}
    return told_delivery(
        settings, file, lambda: _ingest(settings, file, mode, on_progress, producer), read_as
    )


def opened(
    settings: Settings, file: Path, producer: Producer | None
) -> AbstractContextManager[Delivery]:
    """Open the file as its producer writes it, or as the contract does. Raises BadInput."""
    if producer is None:
        return open_delivery(file)
    return open_producers_delivery(file, producer, settings.crypto.date_format)


def _ingest(
    settings: Settings,
    file: Path,
    mode: Mode,
    on_progress: Callable[[int], None] | None,
    producer: Producer | None,
) -> Ingested:
    with (
        opened(settings, file, producer) as delivery,
        transaction(settings, f"ingest {delivery.name}") as connection,
    ):
        check_rules(connection, settings.crypto)
        ensure_calendar(connection, settings)
        # A transaction of its own: the calendar's lock is not held for a whole long delivery.
        connection.commit()
        ingested = store(connection, settings, delivery, mode, on_progress)
    logger.info(
        "Stored %d rows of %s (%s); %d earlier rows replaced.",
        ingested.rows_stored,
        ingested.source_name,
        mode,
        ingested.rows_replaced,
    )
    if ingested.rows_forgotten:
        logger.info("Left out %d rows of people who were forgotten.", ingested.rows_forgotten)
    return ingested


def store(
    connection: Connection,
    settings: Settings,
    delivery: Delivery,
    mode: Mode,
    on_progress: Callable[[int], None] | None = None,
) -> Ingested:
    """Store an opened delivery, as `ingest` does, in a transaction that has filled dqm.calendar."""
    people = forgotten_people(settings, connection)
    rows_read, rows_forgotten, rows_stored = _copy(
        connection, settings, delivery, people, on_progress
    )
    rows_left_out = delivery.rows_left_out()
    rows_read += rows_left_out
    if rows_stored + rows_forgotten + rows_left_out != rows_read:
        raise KpiError(
            f"{delivery.name} has {rows_read} rows, but {rows_stored} would have been stored. "
            "Nothing was stored; please report this."
        )
    days = [row["day"] for row in execute(connection, "crypto_events/landing/delivered_days.sql")]
    rows_replaced = 0
    if mode == "replace-days":
        rows_replaced = _replace_days(connection, settings, delivery.name, days)
    execute(
        connection,
        "crypto_events/landing/log_delivery.sql",
        {
            "source_name": delivery.name,
            "mode": mode,
            "rows_loaded": rows_stored,
            "rows_replaced": rows_replaced,
            "producer": delivery.producer,
            "rows_left_out": rows_left_out,
        },
    )
    return Ingested(
        delivery.name,
        rows_read,
        rows_stored,
        rows_replaced,
        tuple(days),
        rows_forgotten,
        rows_left_out,
    )


def _copy(
    connection: Connection,
    settings: Settings,
    delivery: Delivery,
    people: People | None,
    on_progress: Callable[[int], None] | None,
) -> tuple[int, int, int]:
    """Return how many rows were read, were left out as of forgotten people, and were stored."""
    # COPY straight into the history: via a temporary table it takes twice as long.
    columns = (*delivery.columns, "source_name", "source_row_number")
    statement = sql.SQL(read_sql("crypto_events/landing/copy_delivery.sql")).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    whose = Whose(people, delivery.columns, settings.crypto) if people else None
    arrived = delivery.columns.index("delivered") if delivery.producer else None
    rows_read = rows_forgotten = 0
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            # Who is to be left out is known by a field, and plain lines are not taken apart.
            for lines in () if people else delivery.plain:
                copy.write(_with_origin(lines, delivery.name, rows_read + 1))
                rows_read += len(lines)
                if on_progress:
                    on_progress(delivery.bytes_read())
            for _line, row in delivery.rows:
                rows_read += 1
                if whose and whose.is_theirs(row):
                    rows_forgotten += 1
                else:
                    if people and arrived is not None:
                        row[arrived] = without_people(row[arrived], people)
                    number = rows_read + delivery.rows_left_out()
                    copy.write_row((*row, delivery.name, str(number)))
                if on_progress and rows_read % _ROWS_BETWEEN_REPORTS == 0:
                    on_progress(delivery.bytes_read())
        if on_progress:
            on_progress(delivery.bytes_read())
        return rows_read, rows_forgotten, cursor.rowcount


def _with_origin(lines: list[str], name: str, first: int) -> str:
    origin = f"\t{name.translate(_ESCAPED)}\t"
    return "".join([f"{line}{origin}{number}\n" for number, line in enumerate(lines, first)])


def _replace_days(
    connection: Connection, settings: Settings, source_name: str, days: list[date]
) -> int:
    # Without the lock, two deliveries of one day would not see each other's rows, and both stay.
    try:
        wait_for_lock(connection, "crypto_events deliveries")
    except errors.LockNotAvailable as error:
        raise PipelineBusy(
            f"Another delivery was still replacing days after {settings.lock_timeout_seconds} "
            f"seconds; nothing of {source_name} was stored. Run again when it has ended."
        ) from error
    # The day is here as a whole again.
    execute(connection, "crypto_events/landing/unmark_pruned_days.sql", {"days": days})
    forms = [form for day in days for form in date_forms(settings.crypto.date_format, day)]
    row = fetch_one(
        connection,
        "crypto_events/landing/replace_days.sql",
        {"source_name": source_name},
        delivered_dates=sql.Literal(forms),
    )
    return int(row["rows_replaced"])
