"""When drift lasts: two of the last five weeks with a verdict, the newest included."""

from datetime import date, timedelta

import pytest

from flows.churn.drift.log_drift_result import lasts
from flows.platform.warehouse.connection import Connection, execute
from flows.settings import Settings
from flows.settings.churn import ChurnSettings

SUNDAY = date(2026, 1, 4)


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ("", False),
        ("D", False),
        (".", False),
        ("DD", True),
        ("D.", False),
        (".D", False),
        ("D.D", True),
        ("D...D", True),
        (".DDDD", False),
        ("DDDDD", True),
        ("D....", False),
    ],
)
def test_the_rule(weeks: str, expected: bool) -> None:
    """D is a drifted week, the newest first."""
    assert lasts(ChurnSettings(), [week == "D" for week in weeks]) is expected


def test_the_rule_follows_the_settings() -> None:
    churn = ChurnSettings(drift_weeks_to_retrain=3)
    assert not lasts(churn, [True, True, False])
    assert lasts(churn, [True, True, True])


def test_weeks_are_those_with_a_verdict_on_real_data(settings: Settings, db: Connection) -> None:
    # (days after the first Sunday, drifted, simulated), in the order of logging
    logged = [
        (0, True, False),  # older than five weeks
        (7, True, False),
        (14, False, False),
        # A week without a run lies here.
        (28, False, False),
        (35 - 6, True, False),  # Monday
        (35, False, False),  # the Sunday after it: the same week, later
        (42, False, False),
        (42, True, False),  # the same day again: the last one counts
        (42, False, True),
        (49, True, True),
    ]
    for number, (days, drifted, simulated) in enumerate(logged):
        execute(
            db,
            "churn/drift/record_run.sql",
            {
                "run_id": str(number),
                "snapshot_day": SUNDAY + timedelta(days=days),
                "columns": 1,
                "drifted_columns": int(drifted),
                "drifted_share": float(drifted),
                "drifted_week": drifted,
                "reference_snapshots": [SUNDAY],
                "left_out": [],
                "simulated": simulated,
                "report": "",
                "hole": None,
            },
        )

    weeks = execute(db, "churn/drift/weeks.sql", {"weeks": settings.churn.drift_weeks}).fetchall()

    assert [((row["snapshot_day"] - SUNDAY).days, row["drifted_week"]) for row in weeks] == [
        (42, True),
        (35, False),
        (28, False),
        (14, False),
        (7, True),
    ]
