"""Which run a row belongs to, and what is in the future."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import (
    AS_OF,
    GOOD_ROW,
    add_rows,
    candidates,
    in_zone,
    prod,
    publish,
    reasons,
)

YEARS_AGO = datetime(2021, 1, 1, tzinfo=UTC)
YEARS_LATER = datetime(2030, 1, 1, tzinfo=UTC)


def build(settings: Settings, as_of: date = AS_OF, **plan: int) -> None:
    build_events_candidate(settings, plan_run(settings, as_of, **plan))


def test_a_window_has_exactly_its_days(quick: Settings) -> None:
    one = plan_run(quick, AS_OF, window_days=1)
    assert (one.window_start, one.days) == (AS_OF, [AS_OF])
    five = plan_run(quick, date(2024, 3, 2))
    assert [str(day) for day in five.days] == [
        *("2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02")
    ]


@pytest.mark.parametrize("arrived_at", [datetime(2025, 3, 9, 1, tzinfo=UTC), YEARS_LATER])
def test_a_dated_row_belongs_to_its_own_day(
    quick: Settings, db: Connection, arrived_at: datetime
) -> None:
    _, first, last, _ = add_rows(
        db,
        *({"purchase_date": day} for day in ("5/3/2025", "6/3/2025", "10/3/2025", "1/1/2025")),
        arrived_at=arrived_at,
    )
    build(quick)
    assert candidates(db) == [first, last]
    build(quick, window_days=1)
    assert candidates(db) == [last]


def test_a_backfill_is_the_same_run_with_another_date(quick: Settings, db: Connection) -> None:
    add_rows(db, *({"purchase_date": f"{day}/3/2025"} for day in range(1, 11)))
    publish(quick, as_of=date(2025, 3, 7))
    publish(quick, as_of=date(2025, 3, 3))
    published = prod(db)
    assert [row["purchase_date"].day for row in published] == [1, 2, 3, 4, 5, 6, 7]
    publish(quick, as_of=date(2025, 3, 5))
    assert prod(db) == published


@pytest.mark.parametrize(
    ("time_zone", "utc_offset"),
    [("UTC", 0), ("America/Buenos_Aires", -3), ("Pacific/Kiritimati", 14)],
)
def test_an_unreadable_date_belongs_to_the_day_of_its_arrival(
    quick: Settings, db: Connection, time_zone: str, utc_offset: int
) -> None:
    opens = datetime(2025, 3, 6, tzinfo=UTC) - timedelta(hours=utc_offset)
    closes = opens + timedelta(days=5)
    moment = timedelta(microseconds=1)
    ids = [
        *add_rows(db, {"purchase_date": "soon"}, arrived_at=opens - moment),
        *add_rows(db, {"purchase_date": None}, arrived_at=opens),
        *add_rows(db, {"purchase_date": "30/2/2025"}, arrived_at=closes - moment),
        *add_rows(db, {"purchase_date": "soon"}, arrived_at=closes),
    ]
    build(in_zone(quick, time_zone))
    assert reasons(db) == {
        ids[1]: ["purchase_date_missing"],
        ids[2]: ["purchase_date_not_a_date"],
    }


def test_a_future_date_is_rejected_where_it_arrived_and_where_it_is_dated(
    quick: Settings, db: Connection
) -> None:
    tomorrow, later = add_rows(db, {"purchase_date": "11/3/2025"}, {"purchase_date": "12/3/2025"})
    build(quick)
    assert (candidates(db), reasons(db)) == ([], {later: ["date_in_future"]})
    build(quick, date(2025, 3, 15))
    assert (candidates(db), reasons(db)) == ([tomorrow], {later: ["date_in_future"]})


def test_the_time_zone_decides_on_the_day_of_an_arrival(quick: Settings, db: Connection) -> None:
    """At 02:00 in London it is still yesterday in Buenos Aires."""
    (row,) = add_rows(
        db, {"purchase_date": "11/3/2025"}, arrived_at=datetime(2025, 3, 10, 2, tzinfo=UTC)
    )
    build(in_zone(quick, "Europe/London"), date(2025, 3, 11))
    assert candidates(db) == [row]
    build(in_zone(quick, "America/Buenos_Aires"), date(2025, 3, 11))
    assert reasons(db) == {row: ["date_in_future"]}


def test_the_calendar_has_bounds(make_quick: Callable[..., Settings], db: Connection) -> None:
    settings = make_quick(first_year=2024, last_year=2024)
    inside, *outside = add_rows(
        db,
        {"purchase_date": "31/12/2024"},
        {"purchase_date": "1/1/2025"},
        {"purchase_date": "31/12/2023"},
        {"purchase_date": "29/2/2023"},
    )
    build(settings, window_days=70)
    assert candidates(db) == [inside]
    assert reasons(db) == {row: ["purchase_date_not_a_date"] for row in outside}


def test_rows_published_with_a_placeholder_stay_and_are_rejected_where_they_arrived(
    make_quick: Callable[..., Settings], db: Connection
) -> None:
    before = make_quick(first_year=1969, placeholder_dates=())
    (no_date,) = add_rows(db, {"purchase_date": "31/12/1969"})
    publish(before, as_of=date(1969, 12, 31), window_days=1)
    published = prod(db)
    assert [row["purchase_date"] for row in published] == [date(1969, 12, 31)]

    now = make_quick()
    add_rows(db, {"user_id": "7"})
    publish(now, policy="quarantine", tolerated=True)
    assert reasons(db) == {no_date: ["purchase_date_placeholder"]}
    assert prod(db)[:1] == published

    book = (REPOSITORY / "docs" / "crypto_events.md").read_text(encoding="utf-8")
    db.execute(book.partition("```sql\n")[2].partition("```")[0])
    assert [row["is_active"] for row in prod(db)] == [False, True]


def test_history_before_the_window_is_not_read_again(quick: Settings, db: Connection) -> None:
    """Old rows change neither what is staged nor what is counted."""
    add_rows(
        db, *({"purchase_date": "1/1/2021", "user_id": "x"} for _ in range(3)), arrived_at=YEARS_AGO
    )
    add_rows(db, GOOD_ROW)
    built = build_events_candidate(quick, plan_run(quick, AS_OF))
    assert (built.raw_rows, built.candidate_rows) == (1, 1)
