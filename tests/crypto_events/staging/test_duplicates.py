"""One key, several rows: repetitions collapse, contradictions are conflicts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from flows.crypto_events.contract import CANDIDATE_SUITE
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw
from flows.errors import DataRejected, PublicationRefused
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import (
    ARRIVED,
    AS_OF,
    add_rows,
    candidates,
    change_row,
    failed_checks,
    prod,
    publish,
    reasons,
    rejects,
)

Make = Callable[..., Settings]


def superseded(db: Connection) -> dict[int, int]:
    rows = db.execute(
        "SELECT raw_id, superseded_by FROM staging.bt_crypto_events_window"
        " WHERE superseded_by IS NOT NULL"
    )
    return {row["raw_id"]: row["superseded_by"] for row in rows}


@pytest.mark.parametrize("policy", ["abort", "quarantine"])
def test_repetitions_collapse_to_the_newest(make_quick: Make, db: Connection, policy: str) -> None:
    settings = make_quick(policy=policy)
    (newest,) = add_rows(db, {"purchase_date": "10/03/2025"}, arrived_at=ARRIVED)
    older = add_rows(
        db,
        {"purchase_price": "20000.00", "user_id": "00100012"},
        {"site_id": "ARGENTINA "},
        arrived_at=ARRIVED - timedelta(hours=1),
    )
    publication = publish(settings)
    assert superseded(db) == dict.fromkeys(older, newest)
    assert candidates(db) == [newest]
    assert publication.inserted == 1
    assert rejects(db) == []


def test_a_conflict_stops_the_run_under_abort(quick: Settings, db: Connection) -> None:
    first, second, newest, _ = add_rows(
        db, {}, {"purchase_units": "3"}, {"purchase_units": "4"}, {"user_id": "2"}
    )
    run = plan_run(quick, AS_OF)
    build_events_candidate(quick, run)
    assert ge_validate_raw(quick, run).success
    for _ in range(2):  # repeated, the rejects stay the same
        with pytest.raises(DataRejected, match=r"no two rows share .* \(duplicate_candidate: "):
            ge_validate_candidate(quick, run)
    assert failed_checks(db, run, CANDIDATE_SUITE) == {"key_unique": 1}
    assert rejects(db) == [(first, "duplicate_candidate"), (second, "duplicate_candidate")]
    with pytest.raises(PublicationRefused, match="failed suite_staging_candidate"):
        merge_to_prod(quick, run)
    assert prod(db) == []

    change_row(db, first, purchase_units="4")
    change_row(db, second, user_id="3")
    publish(quick)
    resolved = db.execute(
        "SELECT raw_id, resolution FROM dqm.bt_crypto_events_rejects ORDER BY raw_id"
    ).fetchall()
    assert resolved[0] == {"raw_id": first, "resolution": f"superseded by raw row {newest}"}
    assert resolved[1]["resolution"].startswith("published by run ")


def test_the_newest_of_a_conflict_is_kept_under_quarantine(
    make_quick: Make, db: Connection
) -> None:
    settings = make_quick(policy="quarantine", max_reject_share=0.5)
    (newest,) = add_rows(db, {"purchase_units": "3"}, arrived_at=ARRIVED)
    older, repeated, good = add_rows(
        db, {}, {"purchase_units": "3.0"}, {"user_id": "2"}, arrived_at=ARRIVED - timedelta(days=1)
    )
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    assert superseded(db) == {older: newest, repeated: newest}
    assert reasons(db) == {older: ["duplicate_candidate"]}
    assert candidates(db) == [newest, good]

    assert ge_validate_raw(settings, run).reasons == {"duplicate_candidate": 1}
    assert ge_validate_candidate(settings, run).success
    assert merge_to_prod(settings, run).inserted == 2
    assert rejects(db) == [(older, "duplicate_candidate")]
    assert [row["purchase_units"] for row in prod(db) if row["user_id"] == 100012] == [3]


def test_too_many_conflicts_are_not_published_under_quarantine(
    make_quick: Make, db: Connection
) -> None:
    settings = make_quick(policy="quarantine", max_reject_share=0.2)
    add_rows(db, {}, {"purchase_units": "3"}, {"user_id": "2"})
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    with pytest.raises(DataRejected, match=r"more than max_reject_share = 20\.0% allows"):
        ge_validate_raw(settings, run)
    ge_validate_candidate(settings, run)
    with pytest.raises(PublicationRefused, match="failed suite_raw_history"):
        merge_to_prod(settings, run)
    assert prod(db) == []
