"""Where the contacted are left out: from all that teaches, and from nothing that drift compares."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from flows.churn.features.feature_engineering import (
    earlier_features,
    features_of_lookback,
    snapshot_of,
)
from flows.churn.folders import drift_history
from flows.churn.run import ChurnRun
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.campaigns.test_contacted import contact
from tests.churn.features.churn_features import feature_frame, make_features
from tests.churn.handmade_models import with_churn

DAY = timedelta(days=1)
CUTOFF = AS_OF - 30 * DAY
BEFORE = CUTOFF - 30 * DAY


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=200, seed=3)
    return folder


@pytest.mark.parametrize(
    ("days_after_the_cutoff", "left_out"),
    [(-30, 0), (-29, 20), (-1, 20), (0, 20), (1, 20), (30, 20), (31, 0)],
)
def test_a_contact_counts_for_as_long_as_a_label_window(
    settings: Settings, db: Connection, source: Path, days_after_the_cutoff: int, left_out: int
) -> None:
    on = CUTOFF + days_after_the_cutoff * DAY
    contact(db, settings, list(range(100001, 100021)), [100021], scored=min(on, CUTOFF), on=on)
    run, table = make_features(settings, source, AS_OF)
    assert table.contacted == left_out
    assert len(feature_frame(settings, run)) == 200 - left_out


def test_each_table_of_a_training_leaves_out_whom_its_own_days_contacted(
    settings: Settings, db: Connection, source: Path
) -> None:
    settings = with_churn(settings, training_snapshots=3)
    earliest = BEFORE - 30 * DAY
    run, _ = make_features(settings, source, AS_OF, "nobody")
    places: dict[str, Callable[[Settings, ChurnRun], Path]] = {
        "features": lambda settings, run: features_of_lookback(settings, run, 60),
        "earlier_features": earlier_features,
        "one earlier": lambda settings, run: snapshot_of(settings, run, BEFORE),
        "two earlier": lambda settings, run: snapshot_of(settings, run, earliest),
    }
    before = {name: feature_frame(settings, run, where) for name, where in places.items()}
    # One in each window; the days of a contact reach into the next one.
    users = before["two earlier"].index[:2].tolist()
    contact(db, settings, [users[0]], [], scored=earliest, on=earliest)
    contact(db, settings, [users[1]], [], scored=CUTOFF, on=CUTOFF + DAY)
    run, _ = make_features(settings, source, AS_OF, "some")
    missing = {
        name: sorted(set(before[name].index) - set(feature_frame(settings, run, where).index))
        for name, where in places.items()
    }
    assert missing == {
        "features": users[1:],
        "earlier_features": [],
        "one earlier": [],
        "two earlier": users[:1],
    }


@pytest.mark.parametrize("never_paid", ["train", "leave_out"])
def test_drift_compares_with_everybody(
    settings: Settings, db: Connection, source: Path, never_paid: str
) -> None:
    payments = pd.read_csv(source / "PAYMENTS.csv")
    settings = with_churn(settings, never_paid=never_paid)
    contact(db, settings, payments["CUS_CUST_ID_BUY"].unique()[:50].tolist(), [])
    run, table = make_features(settings, source, AS_OF)
    (kept,) = drift_history(settings).glob(f"*/{CUTOFF}.parquet")
    assert len(feature_frame(settings, run)) <= 150
    assert len(pd.read_parquet(kept)) == 200
    assert date.fromisoformat(kept.stem) == table.cutoff
