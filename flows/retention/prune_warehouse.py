"""Remove old rows of the warehouse: in batches, and whole months of scores."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, LiteralString

from psycopg import sql

from flows.platform.warehouse.connection import Connection, connect, fetch_one, transaction
from flows.platform.warehouse.locks import wait_for_lock
from flows.retention.keep_out import other_runs_kept_out
from flows.retention.ledger import Pruned, PrunedPlaces, in_all, record
from flows.retention.old_scores import PLACE as SCORES
from flows.retention.old_scores import drop_month, old_months
from flows.retention.raw_rows import days_with_old_raw_rows, forms_of
from flows.retention.run import PruneRun
from flows.settings import Settings

logger = logging.getLogger(__name__)

RAW = "raw.bt_crypto_transaction_history"
# Each is a file of sql/retention, its table, and the setting of its days. A verdict goes after its
# run, a reject and a dismissal after their raw rows.
TABLES: tuple[tuple[LiteralString, str, str], ...] = (
    ("raw_rows_without_a_day", f"{RAW} (without a date)", "raw_days"),
    ("repetitions", "dqm.bt_crypto_events_superseded", "raw_days"),
    ("replaced_rows", "raw.bt_crypto_transaction_history_replaced", "replaced_days"),
    ("deliveries", "raw.deliveries", "runs_days"),
    ("resolved_rejects", "dqm.bt_crypto_events_rejects", "rejects_days"),
    ("dismissals", "dqm.bt_crypto_events_dismissals", "dismissals_days"),
    ("runs", "dqm.bt_crypto_events_runs", "runs_days"),
    ("verdicts", "dqm.dq_runs", "runs_days"),
    ("drift_runs", "dqm.bt_churn_drift_runs", "drift_days"),
    ("campaigns", "prod.bt_churn_campaigns", "scores_days"),
    ("scored_groups", "prod.bt_churn_scored_groups", "scores_days"),
    ("outcomes", "dqm.bt_churn_outcomes", "scores_days"),
    ("campaign_outcomes", "dqm.bt_churn_campaign_outcomes", "scores_days"),
    ("source_checks", "dqm.bt_churn_sources", "runs_days"),
    ("prunings", "dqm.prunings", "runs_days"),
)

Batch = Callable[[Connection], Pruned]


class _Batches:
    """Where statements run: each in a transaction of its own, or all in one that is undone."""

    def __init__(self, settings: Settings, run: PruneRun, connection: Connection) -> None:
        self._settings = settings
        self._run = run
        self._connection = connection

    def take(self, place: Pruned, batch: Batch, *, once: bool = False) -> Pruned:
        """Remove batches until one is not full, or only one; return the place with them."""
        while True:
            with self.connection() as connection:
                if self._run.removes:
                    # A delivery that replaces days looks at the same rows.
                    wait_for_lock(connection, "crypto_events deliveries")
                gone = batch(connection)
                if self._run.removes:
                    record(connection, self._run, gone)
            place += gone
            if gone.rows:
                logger.info("%s: %d rows so far, %s.", place.place, place.rows, self._run.mode)
            if once or gone.rows < self._settings.retention.batch_rows:
                return place

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yield the connection; the transaction ends with the block, unless it will be undone."""
        if self._connection.autocommit:
            with self._connection.transaction():
                yield self._connection
        else:
            yield self._connection


def prune_warehouse(settings: Settings, run: PruneRun) -> PrunedPlaces:
    """Remove what is older than the settings keep; write each batch down with its removal.

    Killed at any place, the next run completes it. A dry run does the same and undoes it. Raises
    PipelineBusy when another run has a pipeline.
    """
    with other_runs_kept_out(settings, run):
        with connect(settings, "prune_warehouse", autocommit=run.removes) as connection:
            places = _every_place(settings, run, _Batches(settings, run, connection))
            if not run.removes:
                connection.rollback()
        _write_down(settings, run, places)
    return in_all(places)


def _every_place(settings: Settings, run: PruneRun, batches: _Batches) -> list[Pruned]:
    return [
        _raw(settings, run, batches),
        *(_table(settings, run, batches, *table) for table in TABLES),
        _scores(settings, run, batches),
    ]


def _write_down(settings: Settings, run: PruneRun, places: list[Pruned]) -> None:
    """Write a line for each place: of a dry run its counts, else of places that had nothing."""
    with transaction(settings, "prune_warehouse") as connection:
        for place in places:
            nothing = Pruned(place.place, place.kept_from)
            record(connection, run, nothing if run.removes else place)


def _raw(settings: Settings, run: PruneRun, batches: _Batches) -> Pruned:
    kept = settings.retention.raw_days
    place = Pruned(RAW, run.kept_from(kept))
    with batches.connection() as connection:
        days = list(days_with_old_raw_rows(connection, settings, run))
    for day in days:
        parts = forms_of(settings, day)
        batch = _statement(settings, run, "raw_rows_of_day", RAW, kept, parts, day=day)
        place = batches.take(place, batch)
    return place


def _table(
    settings: Settings,
    run: PruneRun,
    batches: _Batches,
    name: LiteralString,
    table: str,
    setting: str,
) -> Pruned:
    days: int = getattr(settings.retention, setting)
    place = Pruned(table, run.kept_from(days))
    return batches.take(place, _statement(settings, run, name, table, days, {}))


def _scores(settings: Settings, run: PruneRun, batches: _Batches) -> Pruned:
    place = Pruned(SCORES, run.kept_from(settings.retention.scores_days))
    with batches.connection() as connection:
        months = old_months(connection, settings, run)
    for month in months:
        place = batches.take(place, partial(_drop, settings, run, month), once=True)
    return place


def _drop(settings: Settings, run: PruneRun, month: str, connection: Connection) -> Pruned:
    return drop_month(connection, settings, run, month)


def _statement(
    settings: Settings,
    run: PruneRun,
    name: LiteralString,
    table: str,
    days: int,
    parts: dict[str, sql.Composable],
    **values: Any,
) -> Batch:
    kept_from = run.kept_from(days)
    parameters = {
        "kept_from": kept_from,
        "kept_since": run.kept_since(days, settings),
        "batch": settings.retention.batch_rows,
        "run_id": run.run_id,
        **values,
    }

    def remove(connection: Connection) -> Pruned:
        gone = fetch_one(connection, f"retention/{name}.sql", parameters, **parts)
        return Pruned(table, kept_from, rows=gone["rows"], bytes=gone["bytes"])

    return remove
