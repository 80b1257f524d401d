"""The drift history: one snapshot a week, so many weeks, each of the same weight."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from flows.churn.drift.samples import reference_sample
from flows.churn.features.definitions import FEATURE_NAMES
from flows.churn.features.snapshots.history import (
    days_of_other_lookbacks,
    reference_days,
    remember_snapshot,
    snapshots,
)
from flows.churn.folders import drift_history
from flows.settings import Settings

SUNDAY = date(2026, 1, 11)


@pytest.fixture
def remember(churn_settings: Settings, tmp_path: Path) -> Callable[..., Path]:
    """Remembers a snapshot of a day: so many users, whose every feature is one value."""

    def make(day: date, users: int = 3, value: float = 1.0, lookback_days: int = 180) -> Path:
        rows = pd.DataFrame({"user_id": range(users), **dict.fromkeys(FEATURE_NAMES, value)})
        features = tmp_path / "features.parquet"
        rows.to_parquet(features)
        return remember_snapshot(churn_settings, day, features, lookback_days)

    return make


def test_a_reference_is_the_last_eight_weeks_before(
    churn_settings: Settings, remember: Callable[..., Path]
) -> None:
    weeks = [SUNDAY + timedelta(weeks=n) for n in range(12)]
    for week in weeks:
        remember(week)
    assert snapshots(churn_settings, 180) == weeks[-8:]
    assert reference_days(churn_settings, weeks[-1], 180) == weeks[-8:-1]
    assert reference_days(churn_settings, weeks[-1] + timedelta(days=1), 180) == weeks[-8:]


def test_a_week_has_one_snapshot_the_last_one_remembered(
    churn_settings: Settings, remember: Callable[..., Path]
) -> None:
    monday = SUNDAY - timedelta(days=6)
    for day in (SUNDAY, monday, monday - timedelta(days=1)):
        remember(day)
    assert snapshots(churn_settings, 180) == [monday - timedelta(days=1), monday]
    assert reference_days(churn_settings, SUNDAY, 180) == [monday - timedelta(days=1)]


def test_the_turn_of_the_year_is_no_gap(
    churn_settings: Settings, remember: Callable[..., Path]
) -> None:
    # ISO weeks: 2027-01-01 lies in week 53 of 2026, 2027-01-04 opens week 1.
    for day in (date(2026, 12, 31), date(2027, 1, 1)):
        remember(day)
    assert snapshots(churn_settings, 180) == [date(2027, 1, 1)]
    assert reference_days(churn_settings, date(2027, 1, 3), 180) == []
    assert reference_days(churn_settings, date(2027, 1, 4), 180) == [date(2027, 1, 1)]


def test_a_small_week_weighs_as_much_as_a_large_one(
    churn_settings: Settings, remember: Callable[..., Path]
) -> None:
    days = [SUNDAY, SUNDAY + timedelta(weeks=1)]
    remember(days[0], users=900, value=1.0)
    remember(days[1], users=100, value=3.0)
    sample = reference_sample(churn_settings, 180, days)
    assert len(sample) == 200
    assert sample["payments_sum"].mean() == 2.0
    assert list(sample) == list(FEATURE_NAMES)


def test_a_feature_that_snapshots_lack_has_no_column(
    churn_settings: Settings, remember: Callable[..., Path]
) -> None:
    days = [SUNDAY, SUNDAY + timedelta(weeks=1)]
    for day in days:
        kept = remember(day)
        pd.read_parquet(kept).drop(columns="age").to_parquet(kept)
    assert "age" not in reference_sample(churn_settings, 180, days)
    remember(days[1])
    assert reference_sample(churn_settings, 180, days)["age"].notna().mean() == 0.5
    assert len(list(drift_history(churn_settings).rglob("*.parquet"))) == 2


def test_snapshots_of_another_lookback_are_kept_apart_and_named(
    churn_settings: Settings, remember: Callable[..., Path]
) -> None:
    days = [SUNDAY + timedelta(weeks=n) for n in range(4)]
    for day in days[:3]:
        remember(day, lookback_days=180)
    # PAYMENTS holds more: a training describes the third week anew, by 270 days.
    remember(days[2] - timedelta(days=1), lookback_days=270)

    assert reference_days(churn_settings, days[3], 270) == [days[2] - timedelta(days=1)]
    assert days_of_other_lookbacks(churn_settings, days[3], 270) == days[:2]
    # The week before that did not lose the snapshot that it is compared with.
    assert reference_days(churn_settings, days[3], 180) == days[:3]
    assert days_of_other_lookbacks(churn_settings, days[3], 180) == []
    assert days_of_other_lookbacks(churn_settings, days[0], 270) == []
