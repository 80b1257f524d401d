"""Contacted users do not teach the next model; contacted and held out are compared."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from psycopg import sql

from flows.churn.campaigns.uplift import difference
from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot
from flows.churn.model.score_users import create_month
from flows.churn.outcomes.measure_outcomes import measure_outcomes, report_outcomes
from flows.churn.planning import plan_drift
from flows.churn.sample_data.writer import AS_OF, write_sample_data
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.churn.features.churn_features import feature_frame, make_features

SCORED = AS_OF - timedelta(days=30)
USERS = 400


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    write_sample_data(folder, users=USERS, seed=3)
    return folder


def contact(
    db: Connection,
    settings: Settings,
    contacted: list[int],
    control: list[int],
    scored: date = SCORED,
    on: date | None = None,
) -> None:
    """A campaign of the day after the scores, or another; the scores are made up."""
    on = on or scored + timedelta(days=1)
    create_month(settings, scored)
    with db.cursor() as cursor:
        cursor.executemany(
            sql.SQL(
                "INSERT INTO prod.bt_churn_scores (as_of, user_id, model_version, probability)"
                " VALUES (%s, %s, '1', 0.5)"
            ),
            [(scored, user) for user in contacted + control],
        )
        cursor.executemany(
            "INSERT INTO prod.bt_churn_campaigns VALUES (%s, %s, %s, %s, 'spring.csv')",
            [
                (scored, user, on, group)
                for group, users in (("contacted", contacted), ("control", control))
                for user in users
            ],
        )
    db.commit()


def test_whom_a_campaign_contacted_in_the_label_window_teaches_nothing(
    settings: Settings, db: Connection, source: Path
) -> None:
    run, before = make_features(settings, source, AS_OF, "before")
    everybody = feature_frame(settings, run)
    random = np.random.default_rng(5)
    chosen = random.random(len(everybody)) < 0.6
    treated = chosen & (random.random(len(everybody)) < 0.7)
    contact(
        db,
        settings,
        everybody.index[treated].tolist(),
        everybody.index[chosen & ~treated].tolist(),
    )
    run, after = make_features(settings, source, AS_OF, "after")
    taught = feature_frame(settings, run)

    assert after.contacted == treated.sum()
    assert taught.index.tolist() == everybody.index[~treated].tolist()
    assert taught["churned"].equals(everybody["churned"][~treated])
    assert after.dataset_sha256 != before.dataset_sha256


def test_both_groups_are_compared_when_their_days_are_over(
    settings: Settings, db: Connection, source: Path
) -> None:
    features, _ = make_features(settings, source, AS_OF, "labels")
    labels = feature_frame(settings, features)["churned"]
    churned, stayed = labels.index[labels == 1].tolist(), labels.index[labels == 0].tolist()
    contact(db, settings, churned[:10] + stayed[:30], churned[10:30] + stayed[30:40])
    run = plan_drift(settings, AS_OF, source=source)
    build_current_snapshot(settings, run)
    result = measure_outcomes(settings, run)

    (found,) = result.campaigns
    assert (found.contacted, found.contacted_churned) == (40, 10)
    assert (found.control, found.control_churned) == (30, 20)
    expected = difference(40, 10, 30, 20)
    assert expected
    assert (found.difference, found.difference_low) == (expected.mean, expected.low)
    assert str(found).endswith("20 of 30 held out: a difference of -41.7% [-59.4%, -18.2%].")
    row = db.execute("SELECT * FROM dqm.bt_churn_campaign_outcomes").fetchone()
    assert row
    assert row["difference_high"] == expected.high
    report = report_outcomes(settings, run)[-1]
    assert report.key == "churn-campaigns"

    # A run that is cut short tells the same again; a later one has nothing new.
    assert measure_outcomes(settings, run).campaigns == [found]
    later = plan_drift(settings, AS_OF, source=source)
    build_current_snapshot(settings, later)
    assert measure_outcomes(settings, later).campaigns == []


def test_a_campaign_whose_payments_are_incomplete_is_not_measured_and_that_is_told(
    settings: Settings,
    db: Connection,
    source: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """PAYMENTS lacks a week of the days that decide; a later run with all of them measures."""
    holed = tmp_path / "holed"
    shutil.copytree(source, holed)
    payments = pd.read_csv(holed / "PAYMENTS.csv", dtype=str, keep_default_na=False)
    first, last = SCORED + timedelta(days=5), SCORED + timedelta(days=12)
    hole = payments["FECHA"].between(first.isoformat(), last.isoformat())
    payments[~hole].to_csv(holed / "PAYMENTS.csv", index=False)
    users = payments["CUS_CUST_ID_BUY"].astype("int64").unique()[:30].tolist()
    contact(db, settings, users[:20], users[20:])

    run = plan_drift(settings, AS_OF, source=holed)
    build_current_snapshot(settings, run)
    assert measure_outcomes(settings, run).campaigns == []
    assert (
        f"Campaign on the scores of {SCORED}: not measured. PAYMENTS.csv, column FECHA, holds no "
        f"payment from {first} to {last}: users scored on {SCORED} would count as churned"
    ) in caplog.text

    whole = plan_drift(settings, AS_OF, source=source)
    build_current_snapshot(settings, whole)
    (found,) = measure_outcomes(settings, whole).campaigns
    assert (found.contacted, found.control) == (20, 10)
