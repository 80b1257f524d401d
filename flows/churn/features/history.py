"""Weekly snapshots of the features: what the drift report compares the latest one with."""

from datetime import date
from pathlib import Path

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.folders import drift_history
from flows.platform.compute.duckdb import duckdb_connection, file_name, parquet_rows, write_parquet
from flows.platform.storage.atomic_files import replacing
from flows.settings import Settings
from flows.sql_files import read_sql


def remember_snapshot(settings: Settings, day: date, features: Path) -> Path:
    """Keep a sample of the features as the snapshot of `day`, and return its file.

    A snapshot replaces another of the same week (Monday to Sunday). Only the latest
    `drift_snapshots` are kept, so a week that is monitored twice is compared with one fewer.
    """
    kept = _file(settings, day)
    with replacing(kept) as temporary, duckdb_connection(settings) as connection:
        query = read_sql("churn/features/sample_of_snapshot.sql").format(
            features=", ".join(FEATURE_NAMES),
            rows=parquet_rows(features),
            users=settings.churn.drift_sample,
        )
        write_parquet(connection, query, temporary)
    for other in snapshots(settings):
        if other != day and _week(other) == _week(day):
            _file(settings, other).unlink(missing_ok=True)
    for old in snapshots(settings)[: -settings.churn.drift_snapshots]:
        _file(settings, old).unlink(missing_ok=True)
    return kept


def snapshots(settings: Settings) -> list[date]:
    """Return the days of the snapshots that are kept, oldest first."""
    files = drift_history(settings).glob("[0-9]*.parquet")
    return sorted(date.fromisoformat(file.stem) for file in files)


def reference_days(settings: Settings, day: date) -> list[date]:
    """Return the days of the snapshots that one of `day` is compared with, oldest first.

    They are the last `drift_snapshots` from weeks before the week of `day`.
    """
    earlier = [other for other in snapshots(settings) if _week(other) < _week(day)]
    return earlier[-settings.churn.drift_snapshots :]


def reference_query(settings: Settings, days: list[date]) -> str:
    """Return DuckDB's SQL for the mixture of those snapshots: features, without user ids."""
    files = ", ".join(file_name(_file(settings, day)) for day in days)
    return read_sql("churn/features/average_of_snapshots.sql").format(files=f"[{files}]")


def _file(settings: Settings, day: date) -> Path:
    return drift_history(settings) / f"{day}.parquet"


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]
