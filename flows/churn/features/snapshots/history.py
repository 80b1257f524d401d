"""Weekly snapshots of the features: what the drift report compares the latest one with."""

from datetime import date
from pathlib import Path

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.folders import drift_history
from flows.platform.compute.duckdb import duckdb_connection, file_name, parquet_rows, write_parquet
from flows.platform.storage.atomic_files import replacing
from flows.settings import Settings
from flows.sql_files import read_sql


def remember_snapshot(settings: Settings, day: date, features: Path, lookback_days: int) -> Path:
    """Keep a sample of the features as the snapshot of `day`, and return its file.

    A snapshot replaces another of the same week (Monday to Sunday) and lookback. Only the latest
    `drift_snapshots` are kept, so a week that is monitored twice is compared with one fewer.
    """
    kept = _file(settings, lookback_days, day)
    with replacing(kept) as temporary, duckdb_connection(settings) as connection:
        query = read_sql("churn/features/sample_of_snapshot.sql").format(
            features=", ".join(FEATURE_NAMES),
            rows=parquet_rows(features),
            users=settings.churn.drift_sample,
        )
        write_parquet(connection, query, temporary)
    for other in snapshots(settings, lookback_days):
        if other != day and _week(other) == _week(day):
            _file(settings, lookback_days, other).unlink(missing_ok=True)
    for old in snapshots(settings, lookback_days)[: -settings.churn.drift_snapshots]:
        _file(settings, lookback_days, old).unlink(missing_ok=True)
    return kept


def snapshots(settings: Settings, lookback_days: int) -> list[date]:
    """Return the days of the snapshots with that lookback that are kept, oldest first."""
    files = (drift_history(settings) / str(lookback_days)).glob("[0-9]*.parquet")
    return sorted(date.fromisoformat(file.stem) for file in files)


def reference_days(settings: Settings, day: date, lookback_days: int) -> list[date]:
    """Return the days of the snapshots that one of `day` is compared with, oldest first.

    They are the last `drift_snapshots` with the same lookback from weeks before that of `day`.
    """
    earlier = [other for other in snapshots(settings, lookback_days) if _week(other) < _week(day)]
    return earlier[-settings.churn.drift_snapshots :]


def days_of_other_lookbacks(settings: Settings, day: date, lookback_days: int) -> list[date]:
    """Return the days among the last `drift_snapshots` that have another lookback alone.

    Snapshots of those days were made when PAYMENTS held another number of days; what they say of
    users means something else.
    """
    files = drift_history(settings).glob("[0-9]*/[0-9]*.parquet")
    known = {date.fromisoformat(file.stem) for file in files}
    earlier = sorted(other for other in known if _week(other) < _week(day))
    weeks = {_week(other) for other in snapshots(settings, lookback_days)}
    last = earlier[-settings.churn.drift_snapshots :]
    return [other for other in last if _week(other) not in weeks]


def reference_query(settings: Settings, lookback_days: int, days: list[date]) -> str:
    """Return DuckDB's SQL for the mixture of those snapshots: features, without user ids."""
    files = ", ".join(file_name(_file(settings, lookback_days, day)) for day in days)
    return read_sql("churn/features/average_of_snapshots.sql").format(files=f"[{files}]")


def _file(settings: Settings, lookback_days: int, day: date) -> Path:
    return drift_history(settings) / str(lookback_days) / f"{day}.parquet"


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]
