"""A week whose payments have a hole is no drifted week: nobody knows what users did meanwhile."""

import re
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from flows.churn.features.payment_features import PAYMENT_FEATURES
from flows.churn.features.silent_days import WINDOWS, hole_in_features
from flows.churn.features.snapshots.history import snapshots
from flows.churn.folders import drift_report
from flows.churn.planning import plan_snapshot
from flows.churn.sources.clean_raw_sources import clean_raw_sources
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.weekly_deliveries import Week, deliveries, monitor, sunday

LOOKBACK = 120
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 25)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """Writes the delivery of a week."""
    return deliveries(tmp_path_factory.mktemp("weeks"))


def without_days(delivery: Path, folder: Path, first: date, last: date) -> Path:
    """A copy of the delivery that lacks the payments of these days."""
    folder.mkdir()
    for path in delivery.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    payments = pd.read_csv(delivery / "PAYMENTS.csv", dtype=str, keep_default_na=False)
    missing = payments["FECHA"].between(str(first), str(last))
    assert missing.any()
    payments[~missing].to_csv(folder / "PAYMENTS.csv", index=False)
    return folder


@pytest.mark.long
def test_two_weeks_with_a_hole_ask_for_no_training(
    settings: Settings, db: Connection, week: Week, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monitor(settings, week(0))
    for number in (1, 2):
        source = without_days(week(number), tmp_path / str(number), FIRST, LAST)
        found = monitor(settings, source)
        assert len(found.report.drifted) > len(found.report.columns) / 5
        assert not found.report.drifted_week
        assert (
            f"but PAYMENTS.csv, column FECHA, holds no payment from {FIRST} to {LAST}: the week is "
            "not comparable, and counts for nothing."
        ) in str(found.report)
        assert str(found.report) in caplog.text
        assert str(found.report) in found.logged.message
        assert not found.logged.lasting
        page = drift_report(settings, sunday(number)).read_text(encoding="utf-8")
        assert f"no payment from {FIRST} to {LAST}: the week is not comparable" in page
    recorded = db.execute(
        "SELECT drifted_week, hole, reference_snapshots FROM dqm.bt_churn_drift_runs"
    ).fetchall()
    assert (
        recorded
        == [
            {
                "drifted_week": False,
                "hole": f"PAYMENTS.csv, column FECHA, holds no payment from {FIRST} to {LAST}",
                "reference_snapshots": [sunday(0)],
            }
        ]
        * 2
    )
    assert snapshots(settings, LOOKBACK) == [sunday(0)]

    complete = monitor(settings, week(3, drift=0.8))

    assert complete.report.reference == [sunday(0)]
    assert complete.report.drifted_week
    assert not complete.logged.lasting


def test_a_first_week_with_a_hole_is_nothing_to_compare_with(
    settings: Settings, db: Connection, week: Week, tmp_path: Path
) -> None:
    found = monitor(settings, without_days(week(0), tmp_path / "hole", FIRST, LAST))
    assert str(found.report) == (
        "There is no snapshot of an earlier week: nothing to compare with yet. "
        f"PAYMENTS.csv, column FECHA, holds no payment from {FIRST} to {LAST}: no later week is "
        "compared with this one."
    )
    assert monitor(settings, week(1)).report.reference == []
    assert monitor(settings, week(2)).report.reference == [sunday(1)]


@pytest.mark.long
def test_a_hole_after_weeks_that_drifted_asks_for_none_again(
    settings: Settings, db: Connection, week: Week, tmp_path: Path
) -> None:
    monitor(settings, week(0))
    monitor(settings, week(1, drift=0.8))
    assert monitor(settings, week(2, drift=0.8)).logged.lasting
    source = without_days(week(3, drift=0.8), tmp_path / "hole", FIRST, LAST + timedelta(days=20))
    found = monitor(settings, source)
    assert found.report.hole
    assert not found.logged.lasting


@pytest.mark.parametrize(
    ("first_days_ago", "days", "matters"),
    [(10, 3, False), (10, 4, True), (40, 4, False), (40, 7, True), (130, 20, False)],
    ids=["allowed", "of 30 days", "hardly any of 60", "of 60 days", "before the lookback"],
)
def test_days_matter_where_they_are_a_tenth_of_what_a_feature_reads(
    churn_settings: Settings,
    week: Week,
    tmp_path: Path,
    first_days_ago: int,
    days: int,
    matters: bool,
) -> None:
    as_of = sunday(0)
    first = as_of - timedelta(days=first_days_ago)
    last = first + timedelta(days=days - 1)
    run = plan_snapshot(
        churn_settings, as_of, source=without_days(week(0), tmp_path / "hole", first, last)
    )
    clean_raw_sources(churn_settings, run)
    found = hole_in_features(churn_settings, run, 90)
    said = f"PAYMENTS.csv, column FECHA, holds no payment from {first} to {last}"
    assert found == (said if matters else None)


def test_the_windows_are_those_of_the_features() -> None:
    read = {
        int(days)
        for feature in PAYMENT_FEATURES
        for days in re.findall(r"days_ago < (\d+)", feature.sql)
    }
    assert read == set(WINDOWS)
