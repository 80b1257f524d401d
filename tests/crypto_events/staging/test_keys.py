"""A run looks at what was touched since it was published; the rest it counts."""

from datetime import date
from typing import Any

import pytest

from flows.crypto_events.publication.merge_to_prod import Publication, merge_to_prod
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import (
    BuiltCandidate,
    build_events_candidate,
)
from flows.errors import KpiError, StageLost
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_events.oracle.classified_rows import staged_ids
from tests.crypto_rows import (
    AS_OF,
    add_rows,
    change_row,
    prod_by_user,
    publish,
    remove_rows,
    stage,
)

USERS = [{"user_id": str(number)} for number in range(1, 6)]


def test_what_nothing_touched_is_counted_and_not_staged(quick: Settings, db: Connection) -> None:
    add_rows(db, *USERS, {"user_id": "1"})  # an exact duplicate
    publish(quick)
    assert build_events_candidate(quick, plan_run(quick, AS_OF)) == BuiltCandidate(6, 5, 0, 1, 0)
    assert staged_ids(db) == []
    assert publish(quick) == Publication(0, 0, 0, 0, unchanged=5, protected=0)
    assert staged_ids(db) == []


def test_bad_rows_and_all_rows_of_touched_users_are_staged(quick: Settings, db: Connection) -> None:
    bad, one, two, *_ = add_rows(db, {"user_id": "x"}, *USERS)
    quarantine: dict[str, Any] = {"policy": "quarantine", "tolerated": True}
    publish(quick, **quarantine)
    change_row(db, one, purchase_price="7")
    other = add_rows(
        db,
        {"user_id": "2", "crypto_type": "ETH"},
        {"user_id": "3", "purchase_date": "9/3/2025"},
    )
    assert publish(quick, **quarantine) == Publication(2, 1, 0, 0, unchanged=4, protected=0)
    assert sorted(staged_ids(db)) == [bad, one, two, *other]


def test_a_user_who_was_touched_twice_is_looked_at_once_and_settled(
    quick: Settings, db: Connection
) -> None:
    one, *_ = add_rows(db, *USERS)
    publish(quick)
    change_row(db, one, purchase_price="7")  # its old row went, and its new one came
    run = stage(quick)
    assert db.execute(
        "SELECT purchase_date, user_id, cardinality(touch_ids) AS lines"
        " FROM staging.bt_crypto_events_keys"
    ).fetchall() == [{"purchase_date": AS_OF, "user_id": 1, "lines": 2}]
    assert merge_to_prod(quick, run) == Publication(0, 1, 0, 0, unchanged=4, protected=0)
    assert db.execute("SELECT FROM raw.bt_crypto_touched").fetchall() == []


def test_a_day_that_is_vouched_for_is_a_delivered_one(quick: Settings, db: Connection) -> None:
    gone, *_ = add_rows(db, *USERS)
    publish(quick)
    remove_rows(db, gone)
    assert publish(quick) == Publication(0, 0, 0, 1, unchanged=4, protected=0)
    assert staged_ids(db) == []
    assert not prod_by_user(db)[1]["is_active"]


def test_what_is_touched_while_a_run_publishes_is_for_the_next(
    quick: Settings, db: Connection
) -> None:
    ids = add_rows(db, *USERS)
    publish(quick)
    run = stage(quick)
    db.execute("INSERT INTO raw.bt_crypto_touched (purchase_date) VALUES (%s)", [AS_OF])
    merge_to_prod(quick, run)
    stage(quick)
    assert sorted(staged_ids(db)) == ids


@pytest.mark.parametrize(
    "missing",
    [
        "DELETE FROM dqm.bt_crypto_events_vouchers",
        "DELETE FROM dqm.dq_runs WHERE suite = 'suite_staging_candidate'",
        "UPDATE dqm.dq_runs SET success = false",
    ],
)
def test_without_a_verdict_a_day_is_checked_as_a_whole(
    quick: Settings, db: Connection, missing: str
) -> None:
    ids = add_rows(db, *USERS)
    publish(quick)
    db.execute(missing)
    stage(quick)
    assert sorted(staged_ids(db)) == ids


def test_a_full_run_looks_at_everything(quick: Settings, db: Connection) -> None:
    ids = add_rows(db, *USERS)
    publish(quick)
    stage(quick, full=True)
    assert sorted(staged_ids(db)) == ids


def test_a_run_of_which_no_row_is_staged_is_known_by_its_days(
    quick: Settings, db: Connection
) -> None:
    add_rows(db, *USERS)
    publish(quick)
    run = stage(quick)
    stage(quick, as_of=date(2025, 3, 9))
    with pytest.raises(StageLost, match="staged 0 rows, of which 0 are there: another run staged"):
        merge_to_prod(quick, run)


def test_more_live_rows_than_raw_ones_stop_the_run_until_a_full_one(
    quick: Settings, db: Connection
) -> None:
    add_rows(db, *USERS)
    publish(quick)
    db.execute("DELETE FROM raw.bt_crypto_judged WHERE user_id = 1")
    with pytest.raises(
        KpiError,
        match=r"^5 rows of 2025-03-10 are live .* only 4 raw rows say so\. Nothing was ",
    ):
        stage(quick)
    assert publish(quick, full=True).unchanged == 5
