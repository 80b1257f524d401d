"""Weekly snapshots of the features: what the drift report compares the latest one with."""

from datetime import date
from pathlib import Path

from flows.churn.features import FEATURE_NAMES
from flows.platform.artifacts import drift_history
from flows.platform.duck import duckdb_connection, parquet_rows, sql_text
from flows.platform.files import replacing
from flows.platform.settings import Settings
from flows.platform.warehouse import read_sql


def remember_snapshot(settings: Settings, day: date, features: Path) -> Path:
    """Keep a sample of the features as the snapshot of `day`, and return its file.

    A snapshot takes the place of another of the same week (Monday to Sunday); of all, the
    latest `drift_snapshots` stay.
    """
    folder = drift_history(settings)
    kept = folder / f"{day}.parquet"
    with replacing(kept) as temporary, duckdb_connection(settings) as connection:
        query = read_sql("churn/sample_of_snapshot.sql").format(
            features=", ".join(FEATURE_NAMES),
            rows=parquet_rows(features),
            users=settings.churn.drift_sample,
        )
        connection.execute(f"COPY ({query}) TO {sql_text(str(temporary))} (FORMAT parquet)")
    for other in snapshots(settings):
        if other != day and _week(other) == _week(day):
            (folder / f"{other}.parquet").unlink(missing_ok=True)
    for old in snapshots(settings)[: -settings.churn.drift_snapshots]:
        (folder / f"{old}.parquet").unlink(missing_ok=True)
    return kept


def snapshots(settings: Settings) -> list[date]:
    """Return the days of the snapshots that are kept, oldest first."""
    files = drift_history(settings).glob("[0-9]*.parquet")
    return sorted(date.fromisoformat(file.stem) for file in files)


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]
