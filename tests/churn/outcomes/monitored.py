"""Scores of days, and a run of the monitor that compares them with what happened."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flows.churn.features.snapshots.build_current_snapshot import build_current_snapshot
from flows.churn.model.score_users import score_users
from flows.churn.planning import plan_drift, plan_snapshot
from flows.churn.run import DriftRun
from flows.churn.sample_data.writer import AS_OF
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

SCORED = AS_OF - timedelta(days=30)
LATER = AS_OF - timedelta(days=9)
USERS = 400


def score(settings: Settings, source: Path, day: date) -> None:
    run = plan_snapshot(settings, day, source=source)
    build_current_snapshot(settings, run)
    score_users(settings, run)


def monitored(settings: Settings, source: Path, **plan: Any) -> DriftRun:
    """A run of the monitor whose snapshot was built."""
    run = plan_drift(settings, AS_OF, source=source, **plan)
    build_current_snapshot(settings, run)
    return run


def rows(db: Connection) -> list[dict[str, Any]]:
    found = db.execute("SELECT * FROM dqm.bt_churn_outcomes ORDER BY as_of, among DESC")
    return [dict(row) for row in found]
