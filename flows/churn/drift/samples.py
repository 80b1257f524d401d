"""What the drift report compares: a sample of the snapshot, and a mixture of earlier weeks."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.churn.drift.columns import YES_OR_NO
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.snapshots.history import reference_query
from flows.platform.compute.duckdb import duckdb_connection, parquet_rows
from flows.settings import Settings
from flows.sql_files import read_sql

if TYPE_CHECKING:
    from pandas import DataFrame

_HALF = 0.5


def current_sample(settings: Settings, snapshot: Path) -> "DataFrame":
    """Return the features of at most `drift_sample` users of the snapshot."""
    query = read_sql("churn/features/sample_of_snapshot.sql").format(
        features=", ".join(FEATURE_NAMES),
        rows=parquet_rows(snapshot),
        users=settings.churn.drift_sample,
    )
    with duckdb_connection(settings) as connection:
        return connection.execute(query).df().drop(columns="user_id")


def reference_sample(settings: Settings, lookback_days: int, days: list[date]) -> "DataFrame":
    """Return the mixture of those snapshots with that lookback: equally many users from each.

    A feature that is newer than all of them has no column.
    """
    with duckdb_connection(settings) as connection:
        return connection.execute(reference_query(settings, lookback_days, days)).df()


def simulated(sample: "DataFrame", strength: float, seed: int) -> "DataFrame":
    """Return the sample with made-up drift, for demonstrations.

    Numbers move up by about `strength` standard deviations; up to half of the yes-or-no values
    become the rarer one.
    """
    import numpy as np

    draw = np.random.default_rng(seed)
    moved = sample.copy()
    for name in sample:
        if name in YES_OR_NO:
            chosen = draw.random(len(sample)) < min(strength, 1) * _HALF
            rarer = 1 if sample[name].mean() < _HALF else 0
            moved[name] = sample[name].mask(chosen & sample[name].notna(), rarer)
        else:
            noise = 1 + draw.standard_normal(len(sample))
            moved[name] = sample[name] + strength * sample[name].std() * noise
    return moved
