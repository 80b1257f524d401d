"""Which windows cover which days, and which days a replay runs again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from flows.crypto_events.repair.backfill import days_to_replay, windows, windows_of_days
from flows.crypto_events.repair.rejects import correct, dismiss
from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_events.oracle.rejected_rows import reject
from tests.crypto_rows import AS_OF, publish

MARCH_1 = date(2025, 3, 1)
UNKNOWN_SITE = {"site_id": "Brasil"}
NO_DATE = {"purchase_date": "31/2/2025"}
EVENING = datetime(2025, 3, 9, 23, 30, tzinfo=UTC)


def covered(runs: list[tuple[date, int]]) -> list[date]:
    return [as_of - timedelta(days=back) for as_of, n in runs for back in reversed(range(n))]


def test_one_day_is_one_window() -> None:
    assert list(windows(MARCH_1, MARCH_1)) == [(MARCH_1, 1)]


@pytest.mark.parametrize("days", [2, 31, 32, 62, 63, 400])
def test_windows_cover_each_day_once_and_oldest_first(days: int) -> None:
    last = MARCH_1 + timedelta(days=days - 1)

    runs = list(windows(MARCH_1, last))

    assert covered(runs) == [MARCH_1 + timedelta(days=n) for n in range(days)]
    assert max(n for _, n in runs) <= 31
    assert len(runs) == -(-days // 31)


def test_windows_end_before_they_begin() -> None:
    with pytest.raises(BadInput, match="--from 2025-03-01 lies after --to 2025-02-28"):
        list(windows(MARCH_1, date(2025, 2, 28)))


def test_windows_of_days_leave_the_other_days_alone() -> None:
    days = [MARCH_1 + timedelta(days=n) for n in (0, 1, 2, 5, 9, 10)]

    runs = list(windows_of_days(days))

    assert [n for _, n in runs] == [3, 1, 2]
    assert covered(runs) == days
    assert covered(list(windows_of_days(days, longest=2))) == days
    assert list(windows_of_days([])) == []


def test_without_rejects_there_is_nothing_to_replay(quick: Settings) -> None:
    assert days_to_replay(quick) == []


def test_replay_takes_the_own_day_of_a_reject(quick: Settings, db: Connection) -> None:
    late, early = {"purchase_date": "10/3/2025"}, {"purchase_date": " 07/3/2025\t"}
    reject(quick, db, *({**UNKNOWN_SITE, **day} for day in (late, early, early)))

    assert days_to_replay(quick) == [date(2025, 3, 7), AS_OF]


def test_replay_takes_the_day_of_arrival_when_the_date_is_none(
    make_quick: Callable[..., Settings], db: Connection
) -> None:
    settings = make_quick()
    future = {"purchase_date": "1/1/2030"}
    reject(settings, db, NO_DATE, future, arrived_at=EVENING)

    assert days_to_replay(settings) == [date(2025, 3, 9)]
    tokyo = settings.model_copy(update={"time_zone": "Asia/Tokyo"})
    assert days_to_replay(tokyo) == [date(2025, 3, 10)]


def test_replay_leaves_dismissed_rows_alone(quick: Settings, db: Connection) -> None:
    ids = reject(quick, db, UNKNOWN_SITE)
    dismiss(quick, by="ana", why="known", raw_ids=ids)

    assert days_to_replay(quick) == []


def test_replay_reads_dates_by_the_new_contract(
    make_quick: Callable[..., Settings], db: Connection
) -> None:
    reject(make_quick(), db, {"purchase_date": "7-3-2025"})

    assert days_to_replay(make_quick(date_format="D-M-YYYY")) == [date(2025, 3, 7)]


def test_replay_publishes_corrections_and_then_is_done(quick: Settings, db: Connection) -> None:
    (bad,) = reject(quick, db, UNKNOWN_SITE)
    publish(quick, tolerated=True, policy="quarantine")
    copy, _ = correct(quick, bad, {"site_id": "BRASIL"}, by="ana", why="their typo")

    assert days_to_replay(quick) == [AS_OF]

    publish(quick)
    live = db.execute("SELECT site_id FROM prod.bt_crypto_events").fetchall()
    assert live == [{"site_id": "BRASIL"}]
    assert copy != bad
    assert days_to_replay(quick) == []


def test_a_correction_may_move_a_row_to_another_day(quick: Settings, db: Connection) -> None:
    (bad,) = reject(quick, db, NO_DATE)

    correct(quick, bad, {"purchase_date": "28/2/2025"}, by="ana", why="their typo")

    assert days_to_replay(quick) == [date(2025, 2, 28)]
