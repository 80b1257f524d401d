"""Rows that arrive for a day no run will see again are counted, with the way to publish them."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from flows.crypto_events.publication.late_rows import backfill_hint, count_late_rows
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.publication.notify_success import notify_success
from flows.crypto_events.run import plan_run
from flows.errors import KpiError
from flows.platform.storage.object_store import object_exists
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import ARRIVED, AS_OF, add_rows, prod, publish, stage

FIRST = date(2025, 3, 1)
THIRD = date(2025, 3, 3)

LATE = [
    {"purchase_date": "1/3/2025", "user_id": "1"},
    {"purchase_date": "01/03/2025", "user_id": "2"},
    {"purchase_date": " 3/3/2025", "user_id": "x"},
]


def late(settings: Settings) -> dict[date, int]:
    return count_late_rows(settings, plan_run(settings, AS_OF))


def test_late_rows_are_counted_by_day(quick: Settings, db: Connection) -> None:
    add_rows(db, *LATE)
    add_rows(db, {}, {"purchase_date": "6/3/2025"}, {"purchase_date": "11/3/2025"})
    add_rows(db, {"purchase_date": "soon"}, {"purchase_date": None})
    add_rows(db, LATE[0], arrived_at=ARRIVED - timedelta(days=9))
    stage(quick)
    assert late(quick) == {FIRST: 2, THIRD: 1}


def test_the_summary_names_the_command(quick: Settings, db: Connection) -> None:
    add_rows(db, {}, *LATE)
    run = stage(quick)
    with pytest.raises(KpiError, match="has published nothing"):
        notify_success(quick, run)
    merge_to_prod(quick, run)
    notified = notify_success(quick, run)
    assert notified.late_rows == 3
    assert notified.late_hint == (
        "3 rows arrived late, for days from 2025-03-01 to 2025-03-03. "
        "Publish them with: kpi backfill --from 2025-03-01 --to 2025-03-03"
    )
    assert notified.message.endswith(notified.late_hint)
    assert object_exists(quick, notified.data_docs)


def test_one_row_is_one_row() -> None:
    assert (backfill_hint({THIRD: 1}) or "").startswith("1 row arrived late, for days from")
    assert backfill_hint({}) is None


def test_a_backfill_publishes_them_and_they_are_late_no_more(
    make_quick: Callable[..., Settings], db: Connection
) -> None:
    settings = make_quick(policy="quarantine")
    add_rows(db, *LATE)
    stage(settings, as_of=FIRST, tolerated=True)
    assert late(settings) == {FIRST: 2, THIRD: 1}  # staged is not published

    publish(settings, as_of=FIRST, tolerated=True)
    assert [row["user_id"] for row in prod(db)] == [1, 2]
    assert late(settings) == {THIRD: 1}
    publish(settings, as_of=THIRD, window_days=1, tolerated=True)
    assert late(settings) == {}


def test_a_row_that_came_after_the_publication_is_late_again(
    quick: Settings, db: Connection
) -> None:
    publish(quick, as_of=FIRST)
    db.execute("UPDATE dqm.bt_crypto_events_runs SET staged_at = '2025-03-10 11:59:59+00'")
    add_rows(db, LATE[0], arrived_at=ARRIVED - timedelta(hours=1))
    assert late(quick) == {}
    add_rows(db, LATE[1])
    assert late(quick) == {FIRST: 1}
