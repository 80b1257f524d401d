"""When a pipeline last left what it is for: what others leave in its tables does not count."""

from datetime import UTC, date, datetime

import pytest

from flows.churn.model.score_users import create_month
from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings
from tests.observed.rows import compared, decided, looked_at, measured


def last_success(db: Connection, pipeline: str) -> str | None:
    """The moment, in UTC."""
    rows = execute(db, "operations/last_successes.sql").fetchall()
    [at] = [row["last_success"] for row in rows if row["pipeline"] == pipeline]
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else None


def scored(db: Connection, settings: Settings, day: str, at: str) -> None:
    """Scores of a day."""
    create_month(settings, date.fromisoformat(day))
    db.execute(
        "INSERT INTO prod.bt_churn_scores (as_of, user_id, model_version, probability, scored_at)"
        " VALUES (%s, 1, '1', 0.5, %s)",
        [day, at],
    )


@pytest.mark.parametrize("action", ["promoted", "skipped"])
def test_a_training_ends_with_its_decision(action: str, db: Connection) -> None:
    decided(db, action, "2026-01-05 10:00+00")
    assert last_success(db, "churn_training") == "2026-01-05 10:00"


@pytest.mark.parametrize(
    "action", ["rolled back", "accepted", "promoted by hand", "archived by hand"]
)
def test_what_a_person_decides_is_no_training(action: str, db: Connection) -> None:
    decided(db, "skipped", "2026-01-05 10:00+00")
    decided(db, action, "2026-01-09 10:00+00")
    assert last_success(db, "churn_training") == "2026-01-05 10:00"


def test_the_monitor_compares_and_then_measures(db: Connection, settings: Settings) -> None:
    compared(db, "2026-01-05")  # nobody has been scored yet
    scored(db, settings, "2026-01-05", "2026-01-05 08:00+00")
    assert last_success(db, "churn_drift_monitor") == "2026-01-05 07:00"

    compared(db, "2026-01-12")
    assert last_success(db, "churn_drift_monitor") == "2026-01-05 07:00"
    measured(db, "2026-01-05", "2026-01-12 07:05+00")
    assert last_success(db, "churn_drift_monitor") == "2026-01-12 07:00"

    # From here on it fails each week, whatever is scored.
    scored(db, settings, "2026-01-12", "2026-01-12 08:00+00")
    compared(db, "2026-01-19")
    scored(db, settings, "2026-01-19", "2026-01-19 08:00+00")
    compared(db, "2026-01-26")
    assert last_success(db, "churn_drift_monitor") == "2026-01-12 07:00"


def test_what_is_measured_for_good_is_not_measured_again(
    db: Connection, settings: Settings
) -> None:
    scored(db, settings, "2026-01-05", "2026-01-05 08:00+00")
    measured(db, "2026-01-05", "2026-02-09 07:05+00", "realized")
    compared(db, "2026-02-16")
    assert last_success(db, "churn_drift_monitor") == "2026-02-16 07:00"


def test_a_file_is_delivered_when_it_changes(db: Connection) -> None:
    looked_at(db, "2026-01-01 05:00+00", PAYMENTS="a", ACTIVE_USER="a")
    looked_at(db, "2026-01-02 05:00+00", PAYMENTS="b", ACTIVE_USER="a")
    looked_at(db, "2026-01-03 05:00+00", PAYMENTS="a", ACTIVE_USER="a")
    looked_at(db, "2026-01-04 05:00+00", PAYMENTS="a", ACTIVE_USER="a")

    rows = execute(db, "operations/last_churn_files.sql").fetchall()

    assert {row["name"]: row["delivered_at"] for row in rows} == {
        "ACTIVE_USER": datetime(2026, 1, 1, 5, tzinfo=UTC),
        "PAYMENTS": datetime(2026, 1, 3, 5, tzinfo=UTC),
    }
