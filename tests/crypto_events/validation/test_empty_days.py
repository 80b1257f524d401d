"""A day on which nothing came is a question, where the days before it had rows."""

from datetime import date
from pathlib import Path

import pytest

from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_raw
from flows.errors import DataRejected
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.changed import changed
from tests.crypto_events.validation.test_delivery import Make, broken_days, deliver, judged
from tests.crypto_rows import AS_OF, publish


@pytest.fixture
def soon(make_quick: Make, tmp_path: Path) -> Settings:
    """Settings whose contract compares a day with others as soon as three are known."""
    return make_quick(contract=changed(tmp_path, "knownDays: 7", "knownDays: 3"))


def test_a_day_without_any_row_is_a_question_as_well_until_somebody_accepts_it(
    soon: Settings, db: Connection
) -> None:
    deliver(db, d6=10, d7=10, d8=10)
    run = plan_run(soon, AS_OF)
    build_events_candidate(soon, run)
    with pytest.raises(DataRejected, match=r"2025-03-09 has 0 rows, less than 20 % of the 10 of 3"):
        ge_validate_raw(soon, run)
    publish(soon, accept_delivery=True)
    assert judged(soon, db) == {}
    # Of days before the first delivery nobody knows anything; the open day is still to come.
    known = db.execute("SELECT day, rows FROM dqm.bt_crypto_events_delivered_days ORDER BY day")
    assert [(row["day"].day, row["rows"]) for row in known] == [(6, 10), (7, 10), (8, 10), (9, 0)]
    # One that comes late takes its place, and the next day is compared with days that had rows.
    deliver(db, d9=10, d10=1)
    publish(soon, as_of=date(2025, 3, 11), accept_delivery=True)
    assert judged(soon, db, date(2025, 3, 12), window_days=2) == {
        "day_has_few_rows": [date(2025, 3, 11)]
    }


def test_a_day_that_never_has_rows_is_no_question(soon: Settings, db: Connection) -> None:
    # The first and the second are a weekend.
    deliver(db, d3=10, d4=10, d5=10, d6=10, d7=10)
    run = plan_run(soon, date(2025, 3, 10), window_days=10)
    build_events_candidate(soon, run)
    asked = broken_days(db, soon, run)["day_has_few_rows"]
    assert asked == [date(2025, 3, 8)]  # the first weekend
    publish(soon, as_of=date(2025, 3, 10), window_days=10, accept_delivery=True)
    deliver(db, d10=10, d11=10, d12=10, d13=10, d14=10)
    assert "day_has_few_rows" not in judged(soon, db, date(2025, 3, 17), window_days=8)
