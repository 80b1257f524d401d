"""A scored user's features, from the snapshot that the scoring left on this machine."""

import json
from datetime import date
from pathlib import Path

from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.folders import churn_runs
from flows.settings import load_settings


def described(day: date, version: str, user_id: int) -> dict[str, float | None] | None:
    """Return the user's features that the version scored as of the day, in the last run that did.

    None where no such run is kept here, or it does not know the user.
    """
    from pyarrow import dataset

    folder = _snapshot(day, version)
    if folder is None:
        return None
    users = dataset.dataset(folder, format="parquet")
    # A feature that is newer than the scoring was not known, and no score was made from it.
    known = [name for name in FEATURE_NAMES if name in users.schema.names]
    rows = users.to_table(columns=known, filter=dataset.field("user_id") == user_id).to_pylist()
    return dict.fromkeys(FEATURE_NAMES) | rows[0] if rows else None


def _snapshot(day: date, version: str) -> Path | None:
    scored = {"as_of": str(day), "model_version": version}
    # What the drift monitor described that day is another snapshot: no score was made from it.
    found = [
        summary
        for summary in churn_runs(load_settings()).glob("*/scored.json")
        if json.loads(summary.read_bytes()) == scored and summary.with_name("snapshot").is_dir()
    ]
    newest = max(found, key=lambda path: path.stat().st_mtime, default=None)
    return newest.with_name("snapshot") if newest else None
