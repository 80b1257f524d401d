"""Which keys may differ from what was published: publishing settles them, save open questions."""

from datetime import date
from typing import Any

import pytest

from flows.errors import PublicationRefused
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import (
    AS_OF,
    add_rows,
    change_row,
    fingerprint,
    prod,
    publish,
    remove_rows,
    stage,
)


def touched(db: Connection) -> list[tuple[date, int | None]]:
    rows = db.execute(
        "SELECT purchase_date, user_id FROM raw.bt_crypto_touched ORDER BY purchase_date, user_id"
    )
    return [(row["purchase_date"], row["user_id"]) for row in rows]


def test_whole_days_are_touched_until_they_are_published(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    run: dict[str, Any] = {"window_days": 2}
    stage(quick, **run)
    assert touched(db) == [(date(2025, 3, 9), None), (AS_OF, None)]
    publish(quick, **run)
    assert touched(db) == []


def test_then_the_users_whose_rows_came_or_went(quick: Settings, db: Connection) -> None:
    _, changed, removed, *_ = add_rows(db, *({"user_id": str(number)} for number in range(1, 6)))
    publish(quick)
    add_rows(db, {"user_id": "9"})
    change_row(db, changed, user_id="22")
    remove_rows(db, removed)
    stage(quick)
    assert touched(db) == [(AS_OF, 2), (AS_OF, 3), (AS_OF, 9), (AS_OF, 22)]
    publish(quick)
    assert touched(db) == []


def test_rows_that_stay_live_though_they_are_missing_stay_touched(
    quick: Settings, db: Connection
) -> None:
    alone, rejected, _ = add_rows(
        db, {"user_id": "1", "purchase_date": "9/3/2025"}, {"user_id": "2"}, {"user_id": "3"}
    )
    publish(quick)
    remove_rows(db, alone)
    change_row(db, rejected, purchase_price="x")
    publish(quick, policy="quarantine", tolerated=True)
    assert touched(db) == [(date(2025, 3, 9), None), (AS_OF, 2)]


def test_so_do_conflicts(quick: Settings, db: Connection) -> None:
    add_rows(db, {"user_id": "1"}, {"user_id": "1", "purchase_units": "9"}, {"user_id": "2"})
    publish(quick, policy="quarantine", tolerated=True)
    assert touched(db) == [(AS_OF, 1)]


def test_a_refused_publication_settles_nothing(quick: Settings, db: Connection) -> None:
    ids = add_rows(db, *({"user_id": str(number)} for number in range(1, 10)))
    publish(quick)
    remove_rows(db, *ids[:8])
    with pytest.raises(PublicationRefused):
        publish(quick)
    assert touched(db) == [(AS_OF, number) for number in range(1, 9)]


def test_a_dismissal_that_is_taken_back_touches_every_day(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_dismissals (content_md5, site_id, dismissed_by, why)"
        " VALUES ('1', 'x', 'me', 'known')"
    )
    publish(quick, window_days=2)
    for _ in range(2):  # the second takes nothing back
        db.execute("DELETE FROM dqm.bt_crypto_events_dismissals")
    assert touched(db) == [(date(2025, 3, 9), None), (AS_OF, None)]


@pytest.mark.parametrize("table", ["bt_crypto_events", "bt_crypto_events_2025_03"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE prod.{} SET is_active = false WHERE user_id = 1",
        "UPDATE prod.{} SET purchase_price = 9, purchase_value = 18 WHERE user_id = 1",
        "DELETE FROM prod.{} WHERE user_id = 1",
        "INSERT INTO prod.{} SELECT purchase_date, site_id, 7, crypto_type, 1, 1, 1"
        " FROM prod.bt_crypto_events WHERE user_id = 1",
        "TRUNCATE prod.{}",
    ],
)
def test_what_others_change_in_prod_is_mended(
    quick: Settings, db: Connection, table: str, change: str
) -> None:
    add_rows(db, {"user_id": "1"}, {"user_id": "2"})
    publish(quick)
    before = fingerprint(db)
    db.execute(change.format(table))
    assert fingerprint(db) != before
    publish(quick, allow_mass_deactivation=True)
    assert [row["is_active"] for row in prod(db) if row["user_id"] < 3] == [True, True]
    assert all(row["is_active"] == (row["user_id"] < 3) for row in prod(db))
    assert {row["purchase_price"] for row in prod(db) if row["is_active"]} == {20000}


def test_what_is_published_is_no_change_by_others(quick: Settings, db: Connection) -> None:
    one, *_ = add_rows(db, {"user_id": "1"}, {"user_id": "2"})
    publish(quick)
    change_row(db, one, purchase_price="7")
    publish(quick)
    assert touched(db) == []
