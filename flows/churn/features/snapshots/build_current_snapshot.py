"""The features of every user as of the latest day."""

import logging
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.engines import feature_engine
from flows.churn.features.lookback import lookback
from flows.churn.features.queries import Sources, snapshot_query
from flows.churn.features.silent_days import warn_of_silent_days
from flows.churn.folders import churn_run_folder, read_result, require_columns
from flows.churn.run import ChurnRun
from flows.churn.sources.clean_raw_sources import CleanSources, clean_folder, clean_raw_sources
from flows.churn.sources.contract import SOURCE_FILES
from flows.errors import BadInput, count_of
from flows.platform.compute.duckdb import duckdb_connection, fetch_row, parquet_rows
from flows.platform.storage.atomic_files import write_json
from flows.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CurrentSnapshot:
    """The day, how many users it describes, and how many days of payments their features read."""

    day: date
    users: int
    lookback_days: int


def build_current_snapshot(settings: Settings, run: ChurnRun) -> CurrentSnapshot:
    """Check the source files, and write `snapshot/` (Parquet, a row per user) for this run.

    Raises BadInput when a file breaks its contract, PAYMENTS ends before `as_of` or starts too late
    for the run's lookback, or nobody is described.
    """
    sources = clean_raw_sources(settings, run)
    _check_payments(settings, run, sources)
    warn_of_silent_days(settings, run)
    lookback_days = lookback(settings, run, sources)
    with feature_engine(settings) as engine:
        checked = Sources(
            clean_folder(settings, run),
            sources.true_as_of,
            tuple(sources.left_out),
            lookback_days,
            engine.rows_of,
        )
        engine.write_users(
            lambda rows_of: snapshot_query(replace(checked, rows_of=rows_of), run.cutoff),
            [
                clean_folder(settings, run) / f"{file.name}.parquet"
                for file in SOURCE_FILES
                if file.describes_users
            ],
            snapshot(settings, run),
        )
    with duckdb_connection(settings) as connection:
        rows = parquet_rows(snapshot(settings, run))
        (users,) = fetch_row(connection, "churn/sources/count_rows.sql", source=rows)
    if not users:
        raise BadInput(
            f"No user is described as of {run.as_of}: the files about users "
            f"({', '.join(sources.left_out)}) are newer, and none of their users "
            f"(column {sources.ids}) had paid by then ({sources.payment_days})."
        )
    logger.info("%s as of %s.", count_of(users, "user"), run.as_of)
    built = CurrentSnapshot(run.as_of, users, lookback_days)
    write_json(_file(settings, run), asdict(built))
    return built


def current_snapshot(settings: Settings, run: ChurnRun) -> CurrentSnapshot:
    """Return what `build_current_snapshot` made for this run.

    Raises BadInput before it ran, and where that was before an upgrade that knows more features.
    """
    step = "build_current_snapshot"
    found = read_result(_file(settings, run), CurrentSnapshot, run, "snapshot", step)
    require_columns(snapshot(settings, run), FEATURE_NAMES, "described users", step)
    return found


def snapshot(settings: Settings, run: ChurnRun) -> Path:
    """Folder of the run's snapshot."""
    return churn_run_folder(settings, run.run_id) / "snapshot"


def _file(settings: Settings, run: ChurnRun) -> Path:
    return churn_run_folder(settings, run.run_id) / "snapshot.json"


def _check_payments(settings: Settings, run: ChurnRun, sources: CleanSources) -> None:
    last = sources.last_payment_on
    if last < run.as_of - timedelta(days=settings.churn.max_silent_days):
        raise BadInput(
            f"{sources.payment_days}, ends on {last}, so users as of {run.as_of} would count "
            f"as silent for want of data. Run as of {last}, or deliver the missing days."
        )
