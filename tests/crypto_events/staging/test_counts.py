"""How many rows a day has is added up as they come and go, and checked."""

from datetime import UTC, date, datetime, timedelta
from typing import LiteralString

import pytest
from psycopg import IsolationLevel, sql

from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import BuiltCandidate, stage_window
from flows.crypto_events.staging.counts import day_in_turn
from flows.errors import KpiError
from flows.forgetting.warehouse import forget_in_warehouse
from flows.platform.forgetting.people import People
from flows.platform.warehouse.connection import Connection, transaction
from flows.settings import Settings
from tests.crypto_events.staging.histories.warehouse_tables import COUNTS
from tests.crypto_rows import AS_OF, add_rows, publish, stage

USERS = [{"user_id": str(number)} for number in range(1, 6)]
DAYS = [date(2025, 3, day) for day in range(1, 29)]


def counted(db: Connection, what: str) -> dict[object, int]:
    return {row["day"]: row["count"] for row in db.execute(COUNTS[what]) if row["count"]}


@pytest.mark.parametrize("window_days", range(1, 9))
def test_each_day_is_counted_anew_once_on_its_way_through_the_window(
    quick: Settings, window_days: int
) -> None:
    turns = [day_in_turn(plan_run(quick, day, window_days=window_days)) for day in DAYS]
    on_their_way = DAYS[: len(DAYS) - window_days]
    assert [turns.count(day) for day in on_their_way] == [1] * len(on_their_way)


def test_what_no_trigger_noted_is_found_when_its_day_is_counted(
    quick: Settings, db: Connection
) -> None:
    tomorrow = AS_OF + timedelta(days=1)
    day = day_in_turn(plan_run(quick, tomorrow))
    publish(quick)
    db.execute("ALTER TABLE raw.bt_crypto_transaction_history DISABLE TRIGGER USER")
    add_rows(db, {"purchase_date": f"{day.day}/{day.month}/{day.year}"})
    db.execute("ALTER TABLE raw.bt_crypto_transaction_history ENABLE TRIGGER USER")
    publish(quick)
    with pytest.raises(KpiError, match="1 raw rows are dated in the window, but 0 were staged"):
        stage(quick, as_of=tomorrow)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE raw.bt_crypto_raw_counts SET rows = rows + 1", "5 raw rows .* but 6 were counted"),
        (
            "UPDATE raw.bt_crypto_day_counts SET judged_rows = 7 WHERE judged_rows = 5",
            "5 judged rows .* but 7 were counted",
        ),
        (
            "INSERT INTO raw.bt_crypto_day_counts (day, live_rows) VALUES ('2025-03-10', -1)",
            "5 live rows .* but 4 were counted",
        ),
    ],
)
def test_a_verifying_run_stops_where_a_count_is_not_what_is_there(
    quick: Settings, db: Connection, change: LiteralString, sentence: str
) -> None:
    add_rows(db, *USERS)
    publish(quick)
    stage(quick, verify=True)
    publish(quick, verify=True)
    db.execute(change)
    with pytest.raises(
        KpiError,
        match=f"^{sentence} as they came and went\\. Nothing was published; `kpi run --full`",
    ):
        stage(quick, verify=True)
    publish(quick, full=True)
    publish(quick, verify=True)


def test_who_is_forgotten_is_counted_no_more(quick: Settings, db: Connection) -> None:
    add_rows(db, *USERS)
    publish(quick)
    forget_in_warehouse(quick, People("3"), dry_run=False)
    for what in ("raw rows", "judged rows", "live rows"):
        assert counted(db, f"kept {what}") == counted(db, what)
    assert publish(quick).unchanged == 4


def test_what_is_deleted_while_all_is_judged_anew_is_counted_once(
    quick: Settings, db: Connection
) -> None:
    add_rows(db, *USERS)
    publish(quick)
    with transaction(quick, "test") as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.execute("SELECT count(*) FROM raw.bt_crypto_judged")
        db.execute("DELETE FROM raw.bt_crypto_judged WHERE user_id = 1")
        stage_window(connection, quick, plan_run(quick, AS_OF, full=True))
    assert counted(db, "kept judged rows") == counted(db, "judged rows") == {AS_OF: 5}


def test_rows_that_come_one_by_one_leave_one_line(quick: Settings, db: Connection) -> None:
    for user in USERS:
        add_rows(db, user)
    lines = sql.SQL("SELECT rows FROM raw.bt_crypto_raw_counts WHERE date_key = '10/3/2025'")
    assert [row["rows"] for row in db.execute(lines)] == [1] * 5
    with transaction(quick, "test") as connection:
        built = stage_window(connection, quick, plan_run(quick, AS_OF))
    assert built == BuiltCandidate(5, 5, 0, 0, 0)
    assert [row["rows"] for row in db.execute(lines)] == [5]


def test_a_row_of_a_judged_day_that_arrived_before_it_is_counted_for_that_day(
    quick: Settings, db: Connection
) -> None:
    publish(quick, window_days=1)
    add_rows(db, USERS[0], arrived_at=datetime(2025, 3, 7, tzinfo=UTC))
    stage(quick, window_days=5, tolerated=True)
    assert counted(db, "kept judged rows") == counted(db, "judged rows") == {AS_OF: 1}
