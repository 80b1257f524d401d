"""Gather the judged rows that the run looks at, and set duplicates and dismissed rows aside."""

import logging
from dataclasses import dataclass

from psycopg import IsolationLevel, sql

from flows.crypto_events.calendar import ensure_calendar
from flows.crypto_events.key import Key
from flows.crypto_events.run import WindowRun
from flows.crypto_events.stage_lock import lock_stage
from flows.crypto_events.staging.counts import check_counts, count_dated_rows, count_vouched
from flows.crypto_events.staging.delivered import record_staged_run
from flows.crypto_events.staging.duplicates import find_duplicates, set_duplicates_aside
from flows.crypto_events.staging.judge import judge_window, of_window
from flows.crypto_events.staging.keys import pick_keys, whole_days
from flows.crypto_events.staging.published_key import check_published_key
from flows.errors import KpiError
from flows.platform.warehouse.connection import Connection, execute, fetch_one, transaction
from flows.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuiltCandidate:
    """Where the window's raw rows went; the four kinds add up to `raw_rows`."""

    raw_rows: int
    candidate_rows: int
    rejected_rows: int
    superseded_rows: int
    dismissed_rows: int


def build_events_candidate(settings: Settings, run: WindowRun) -> BuiltCandidate:
    """Fill staging.bt_crypto_events_window (and so the view …_candidate) for the run's window.

    Rows that nothing touched since they were published are counted, and not staged.
    Writes the run's row to dqm.bt_crypto_events_runs. Raises PipelineBusy when another run is
    staging, KpiError when a raw row would be lost or counted twice.
    """
    with transaction(settings, "build_events_candidate") as connection:
        # One snapshot for all statements: rows that arrive during the run belong to the next one.
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        return stage_window(connection, settings, run)


def stage_window(connection: Connection, settings: Settings, run: WindowRun) -> BuiltCandidate:
    """Build the window in the caller's transaction."""
    lock_stage(connection)
    key = Key.of(settings.crypto)
    check_published_key(connection, key)
    ensure_calendar(connection, settings)
    if run.verify:
        check_counts(connection, settings, run)
    judge_window(connection, settings, run)
    execute(connection, "crypto_events/staging/empty_window.sql")
    _stage_rows(connection, run)
    find_duplicates(connection, key)
    if set_duplicates_aside(connection, key, conflicts=run.policy == "quarantine"):
        execute(connection, "crypto_events/staging/analyze_window.sql")
    counts = record_staged_run(connection, settings.crypto, run)
    dated_rows = counts.pop("dated_rows")
    _check_conservation(count_dated_rows(connection, settings, run), dated_rows)
    if counts["raw_rows"] > dated_rows:
        _check_undated(connection, run)
    del counts["vouched_rows"]
    return BuiltCandidate(**counts)


def _stage_rows(connection: Connection, run: WindowRun) -> None:
    in_window = of_window(run)
    execute(
        connection,
        "crypto_events/staging/keys/find_dismissed.sql",
        of_window=in_window,
        window_start=sql.Literal(run.window_start),
    )
    pick_keys(connection, run)
    days = whole_days(connection)
    execute(
        connection,
        "crypto_events/staging/build_window.sql",
        of_window=in_window,
        whole_days=sql.Literal(days),
    )
    execute(connection, "crypto_events/staging/analyze_window.sql")
    execute(connection, "crypto_events/staging/apply_dismissals.sql")
    count_vouched(connection, run, days)


def _check_conservation(dated_rows: int, staged_rows: int) -> None:
    if dated_rows != staged_rows:
        raise KpiError(
            f"{dated_rows} raw rows are dated in the window, but {staged_rows} were "
            "staged: a row was lost or counted twice. Nothing was published; `kpi run --full` "
            "judges every row of the window anew."
        )


def _check_undated(connection: Connection, run: WindowRun) -> None:
    gone = fetch_one(
        connection,
        "crypto_events/staging/count_gone_rows.sql",
        {"window_start": run.window_start, "as_of": run.as_of},
    )["gone_rows"]
    if gone:
        raise KpiError(
            f"{gone} rows without a date in the window were judged, but are no raw rows any more. "
            "Nothing was published; `kpi run --full` judges every row of the window anew."
        )


def build_again_if_refused(settings: Settings, run: WindowRun, suite: str) -> bool:
    """Rebuild the run's window if the suite refused the last one it built.

    Returns whether it did: other suites' verdicts on the old window are then void.
    """
    with transaction(settings, "build_again_if_refused") as connection:
        verdicts = execute(
            connection, "crypto_events/validation/verdicts.sql", {"run_id": run.run_id}
        )
        refused = any(
            verdict["suite"] == suite and not (verdict["success"] or verdict["tolerated"])
            for verdict in verdicts
        )
    if refused:
        logger.info("%s refused this run before: its window is built again.", suite)
        build_events_candidate(settings, run)
    return refused
