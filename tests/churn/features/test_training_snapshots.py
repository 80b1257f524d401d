"""Several snapshots that teach: as users were then, with complete labels, split by user."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from flows.churn.features.feature_engineering import features, snapshot_of
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.settings import Settings
from tests.churn.features.churn_features import feature_frame, make_features

CUTOFF = AS_OF - timedelta(days=30)
EARLIER = [CUTOFF - timedelta(days=30), CUTOFF - timedelta(days=60)]
PARTS = ["in_holdout", "in_validation"]


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery of 150 made-up users."""
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=150, seed=5)
    return folder


def test_each_snapshot_is_of_its_day_and_its_labels_are_complete(
    make_churn_settings: Callable[..., Settings], delivery: Path
) -> None:
    settings = make_churn_settings(training_snapshots=3)
    run, table = make_features(settings, delivery)
    payments = pd.read_csv(delivery / "PAYMENTS.csv", parse_dates=["FECHA"])
    day = payments["FECHA"].dt.date

    assert table.earlier_cutoffs == EARLIER
    for cutoff in EARLIER:
        found = pd.read_parquet(snapshot_of(settings, run, cutoff)).set_index("user_id")
        later = (day > cutoff) & (day <= cutoff + timedelta(days=30))
        paid = set(payments.loc[later, "CUS_CUST_ID_BUY"])
        assert found["churned"].to_dict() == {user: int(user not in paid) for user in found.index}
        # Whoever is described had paid by then, and files of a later day say nothing.
        assert set(found.index) <= set(payments.loc[day <= cutoff, "CUS_CUST_ID_BUY"])
        assert found[["age", "saldo_mes_actual", "mau_mp_1"]].isna().all(axis=None)
        last = payments[day <= cutoff].groupby("CUS_CUST_ID_BUY")["FECHA"].max()
        silent = (pd.Timestamp(cutoff) - last).dt.days.reindex(found.index)
        known = silent < table.lookback_days
        assert (found["payment_recency_days"][known] == silent[known]).all()


def test_no_user_is_in_both_parts(
    make_churn_settings: Callable[..., Settings], delivery: Path
) -> None:
    settings = make_churn_settings(training_snapshots=3)
    run, _ = make_features(settings, delivery)
    now = feature_frame(settings, run, features)[PARTS]
    for cutoff in EARLIER:
        found = pd.read_parquet(snapshot_of(settings, run, cutoff)).set_index("user_id")
        pd.testing.assert_frame_equal(found[PARTS], now.loc[found.index])


def test_a_snapshot_whose_labels_have_a_hole_does_not_teach(
    make_churn_settings: Callable[..., Settings],
    delivery: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write_sample_data(tmp_path, users=150, seed=5)
    payments = pd.read_csv(tmp_path / "PAYMENTS.csv", dtype=str, keep_default_na=False)
    # The hole begins in the label window of the earliest snapshot, and ends with it.
    first, last = EARLIER[0] - timedelta(days=4), EARLIER[0]
    hole = payments["FECHA"].between(first.isoformat(), last.isoformat())
    payments[~hole].to_csv(tmp_path / "PAYMENTS.csv", index=False)
    _, table = make_features(make_churn_settings(training_snapshots=3), tmp_path)
    assert table.earlier_cutoffs == EARLIER[:1]
    assert (
        f"The snapshot of {EARLIER[1]} does not teach: PAYMENTS.csv, column FECHA, holds no "
        f"payment from {first} to {last}." in caplog.text
    )


def test_todays_snapshot_teaches_alone_unless_a_setting_says_otherwise(
    make_churn_settings: Callable[..., Settings], delivery: Path
) -> None:
    settings = make_churn_settings()
    run, alone = make_features(settings, delivery, run_id="alone")
    assert alone.earlier_cutoffs == []
    assert not snapshot_of(settings, run, EARLIER[0]).exists()
    # More that teaches is another data set.
    _, more = make_features(make_churn_settings(training_snapshots=2), delivery, run_id="more")
    assert alone.dataset_sha256 != more.dataset_sha256
