"""The merge writes what differs, and only what was staged and validated by its own run."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from psycopg import sql

from flows.crypto_events.publication.merge_to_prod import Publication, merge_to_prod
from flows.crypto_events.publication.vacuum_analyze_prod import vacuum_analyze_prod
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.errors import PipelineBusy, PublicationRefused, StageLost
from flows.platform.warehouse.connection import Connection, execute, transaction
from flows.settings import Settings
from tests.crypto_rows import (
    AS_OF,
    GOOD_ROW,
    add_rows,
    change_row,
    prod,
    prod_by_user,
    publish,
    rejects,
    remove_rows,
    stage,
)

USERS = [{"user_id": str(number)} for number in range(1, 11)]


def test_new_rows_are_inserted(quick: Settings, db: Connection) -> None:
    add_rows(db, {"purchase_price": "20000.10", "purchase_units": "1.40"})
    assert publish(quick) == Publication(1, 0, 0, 0, 0, 0)
    (row,) = prod(db)
    assert {name: row[name] for name in GOOD_ROW} == {
        **GOOD_ROW,
        "user_id": 100012,
        "purchase_date": AS_OF,
        "purchase_price": Decimal("20000.10"),
        "purchase_units": Decimal("1.40"),
    }
    assert str(row["purchase_value"]) == "28000.1400"
    assert row["is_active"]


def test_only_rows_that_differ_are_written(quick: Settings, db: Connection) -> None:
    same, other, gone = add_rows(db, *USERS[:3])
    publish(quick)
    before = prod_by_user(db)

    change_row(
        db, same, purchase_price="20000.00", site_id=" ARGENTINA", purchase_date="10/03/2025"
    )
    change_row(db, other, purchase_units="3")
    remove_rows(db, gone)
    add_rows(db, USERS[3])
    assert publish(quick) == Publication(
        inserted=1, updated=1, reactivated=0, deactivated=1, unchanged=1, protected=0
    )
    after = prod_by_user(db)
    assert after[1] == before[1]  # updated_at included
    assert (after[2]["purchase_value"], after[2]["created_at"]) == (60000, before[2]["created_at"])
    assert after[2]["updated_at"] > before[2]["updated_at"]
    assert not after[3]["is_active"]
    assert after[3] == {**before[3], "is_active": False, "updated_at": after[3]["updated_at"]}

    assert publish(quick) == Publication(0, 0, 0, 0, unchanged=3, protected=0)
    assert prod_by_user(db) == after  # neither unchanged nor inactive rows are rewritten


def test_what_comes_back_is_reactivated(quick: Settings, db: Connection) -> None:
    first, _ = add_rows(db, *USERS[:2])
    publish(quick)
    remove_rows(db, first)
    publish(quick)

    add_rows(db, {"user_id": "1", "purchase_units": "5"})
    assert publish(quick) == Publication(
        0, 0, reactivated=1, deactivated=0, unchanged=1, protected=0
    )
    back = prod_by_user(db)[1]
    assert (back["is_active"], back["purchase_value"]) == (True, 100000)


def test_a_window_touches_no_other_day(quick: Settings, db: Connection) -> None:
    days = ["5/3/2025", "6/3/2025", "10/3/2025", "11/3/2025"]
    ids = add_rows(db, *({"purchase_date": day} for day in days))
    for as_of in (AS_OF.replace(day=6), AS_OF.replace(day=11)):
        publish(quick, as_of=as_of)
    before = prod(db)
    assert [row["purchase_date"].day for row in before] == [5, 6, 10, 11]

    remove_rows(db, *ids)
    add_rows(db, {"user_id": "2"})
    publish(quick, allow_mass_deactivation=True)
    after = {(row["purchase_date"].day, row["user_id"]): row for row in prod(db)}
    assert not after.pop((10, 100012))["is_active"]
    assert after.pop((10, 2))["is_active"]
    assert [*after.values()] == [row for row in before if row["purchase_date"].day != 10]


def test_validation_comes_first(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    run = plan_run(quick, AS_OF)
    with pytest.raises(StageLost, match="has staged nothing"):
        merge_to_prod(quick, run)
    build_events_candidate(quick, run)
    with pytest.raises(PublicationRefused, match="has not passed suite_raw_history") as refused:
        merge_to_prod(quick, run)
    assert refused.value.needs_step == "ge_validate_raw"
    assert prod(db) == []


def test_a_verdict_holds_for_the_rows_it_saw(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    run = stage(quick)
    add_rows(db, {"user_id": "2"})
    build_events_candidate(quick, run)
    with pytest.raises(PublicationRefused, match="has not passed suite_raw_history"):
        merge_to_prod(quick, run)
    assert prod(db) == []


def test_a_window_that_another_run_staged_is_not_published(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    run = stage(quick)
    stage(quick)
    with pytest.raises(StageLost, match="another run staged since"):
        merge_to_prod(quick, run)
    assert prod(db) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE staging.bt_crypto_events_window SET purchase_price = 1 WHERE user_id = 1",
        "UPDATE staging.bt_crypto_events_window SET user_id = user_id WHERE user_id = 1",
        "INSERT INTO staging.bt_crypto_events_window SELECT * FROM staging.bt_crypto_events_window",
        "DELETE FROM staging.bt_crypto_events_window WHERE user_id = 1",
        "TRUNCATE staging.bt_crypto_events_window",
    ],
)
def test_a_window_changed_since_validation_is_not_published(
    quick: Settings, db: Connection, tampering: str
) -> None:
    add_rows(db, *USERS[:2])
    run = stage(quick)
    db.execute(sql.SQL(tampering))
    with pytest.raises(StageLost, match=r"server restarted\. Start the run again"):
        merge_to_prod(quick, run)
    assert prod(db) == []


def test_staging_and_publishing_keep_each_other_out(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    run = stage(quick)
    with transaction(quick, "test") as other:
        other.execute('LOCK TABLE locks."crypto_events stage" IN SHARE ROW EXCLUSIVE MODE')
        for step in (build_events_candidate, merge_to_prod):
            with pytest.raises(PipelineBusy, match="Another run is staging or publishing"):
                step(quick, run)
    assert merge_to_prod(quick, run).inserted == 1


def test_a_step_waits_until_its_own_killed_try_is_missed(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    with transaction(quick, "killed") as killed, ThreadPoolExecutor(1) as elsewhere:
        killed.execute('LOCK TABLE locks."crypto_events stage" IN SHARE ROW EXCLUSIVE MODE')
        tried_again = elsewhere.submit(stage, quick)
        waiting = "SELECT pid FROM pg_locks WHERE NOT granted"
        while not (tried_again.done() or db.execute(waiting).fetchone()):
            time.sleep(0.01)
        killed.rollback()
        run = tried_again.result()
    assert merge_to_prod(quick, run).inserted == 1


def test_a_second_merge_changes_nothing(quick: Settings, db: Connection) -> None:
    add_rows(db, *USERS)
    run = stage(quick)
    merge_to_prod(quick, run)
    before = prod(db)
    assert merge_to_prod(quick, run) == Publication(0, 0, 0, 0, unchanged=10, protected=0)
    assert prod(db) == before
    counts = db.execute("SELECT inserted_rows FROM dqm.bt_crypto_events_runs").fetchall()
    assert counts == [{"inserted_rows": 10}]  # what the run changed, for the steps that follow
    assert vacuum_analyze_prod(quick, run).partitions == ("bt_crypto_events_2025_03",)


def test_good_rows_close_their_earlier_rejects(quick: Settings, db: Connection) -> None:
    fixed, twin, still_bad = add_rows(
        db, {"user_id": "x"}, {"user_id": "y"}, {"user_id": "z", "crypto_type": "?"}
    )
    run = stage(quick, policy="quarantine", tolerated=True)
    with transaction(quick, "test") as connection:
        record = {"run_id": run.run_id, "as_of": run.as_of}
        execute(connection, "crypto_events/validation/record_rejects.sql", record)
    assert len(rejects(db)) == 4
    change_row(db, fixed, user_id="1")
    change_row(db, twin, user_id="01")

    later = stage(quick, policy="quarantine", tolerated=True)
    merge_to_prod(quick, later)
    closed = db.execute(
        "SELECT raw_id, resolution FROM dqm.bt_crypto_events_rejects"
        " WHERE resolved_at IS NOT NULL ORDER BY raw_id"
    ).fetchall()
    assert [(row["raw_id"], row["resolution"]) for row in closed] == [
        (fixed, f"superseded by raw row {twin}"),
        (twin, f"published by run {later.run_id}"),
    ]
    assert {raw_id for raw_id, _ in rejects(db)} == {fixed, twin, still_bad}
