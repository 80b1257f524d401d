"""A scored user's features, from the snapshot that the scoring left on this machine."""

from datetime import date
from pathlib import Path

from flows.churn.features.build_current_snapshot import CurrentSnapshot
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.folders import churn_runs
from flows.platform.storage.atomic_files import read_json_as
from flows.settings import load_settings


def described(day: date, user_id: int) -> dict[str, float | None] | None:
    """Return the user's features as of the day, by the newest run that described it.

    None where no run of that day is kept here, or it does not know the user.
    """
    from pyarrow import dataset

    folder = _snapshot(day)
    if folder is None:
        return None
    rows = (
        dataset.dataset(folder, format="parquet")
        .to_table(columns=list(FEATURE_NAMES), filter=dataset.field("user_id") == user_id)
        .to_pylist()
    )
    return rows[0] if rows else None


def _snapshot(day: date) -> Path | None:
    found = [
        summary
        for summary in churn_runs(load_settings()).glob("*/snapshot.json")
        if read_json_as(summary, CurrentSnapshot).day == day
        and summary.with_name("snapshot").is_dir()
    ]
    newest = max(found, key=lambda path: path.stat().st_mtime, default=None)
    return newest.with_name("snapshot") if newest else None
