"""Scores of a leap day, and scores whose days end on one, are measured by the right days."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from flows.churn.features.snapshots.build_current_snapshot import (
    build_current_snapshot,
    current_snapshot,
)
from flows.churn.outcomes.measure_outcomes import measure_outcomes
from flows.churn.planning import plan_drift
from flows.churn.sample_data.writer import write_sample_data
from flows.platform.warehouse.connection import Connection
from tests.churn.handmade_models import Registry
from tests.churn.outcomes.monitored import USERS, rows, score

LEAP_DAY = date(2024, 2, 29)
WINDOW = timedelta(days=30)


def test_windows_that_begin_or_end_on_a_leap_day(
    registry: Registry, db: Connection, tmp_path: Path
) -> None:
    for scored in (LEAP_DAY - WINDOW, LEAP_DAY):
        last_day = scored + WINDOW
        source = tmp_path / str(scored)
        write_sample_data(source, users=USERS, seed=3, as_of=last_day, usage_as_of=scored)
        score(registry.settings, source, scored)
        run = plan_drift(registry.settings, last_day, source=source)
        build_current_snapshot(registry.settings, run)
        assert current_snapshot(registry.settings, run).day == last_day
        measure_outcomes(registry.settings, run)

        found = next(row for row in rows(db) if (row["as_of"], row["among"]) == (scored, "all"))

        payments = pd.read_csv(source / "PAYMENTS.csv")
        days = pd.to_datetime(payments["FECHA"]).dt.date
        paid = set(payments.loc[(days > scored) & (days <= last_day), "CUS_CUST_ID_BUY"])
        scores = db.execute("SELECT user_id FROM prod.bt_churn_scores WHERE as_of = %s", [scored])
        churned = {row["user_id"] for row in scores} - paid
        assert (found["kind"], found["last_day"]) == ("realized", last_day)
        assert found["churned"] == len(churned)
