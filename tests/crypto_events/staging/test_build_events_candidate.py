"""A refused run goes on where it stopped, once its raw rows are repaired."""

import pytest

from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.run import WindowRun, plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw
from flows.errors import DataRejected, PublicationRefused, StageLost
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows, change_row, prod_by_user


@pytest.fixture
def run(quick: Settings) -> WindowRun:
    return plan_run(quick, AS_OF)


def staged_by(db: Connection, run: WindowRun) -> str:
    row = db.execute(
        "SELECT staged_by::text FROM dqm.bt_crypto_events_runs WHERE run_id = %s", [run.run_id]
    ).fetchone()
    return str(row["staged_by"])


def test_a_window_that_the_raw_suite_refused_is_judged_anew(
    quick: Settings, db: Connection, run: WindowRun
) -> None:
    bad, _ = add_rows(db, {"site_id": "Brasil"}, {"user_id": "2"})
    build_events_candidate(quick, run)
    with pytest.raises(DataRejected, match="site_id_unknown: 1"):
        ge_validate_raw(quick, run)
    change_row(db, bad, site_id="BRASIL")

    assert ge_validate_raw(quick, run).success
    assert ge_validate_candidate(quick, run).success
    merge_to_prod(quick, run)
    assert sorted(prod_by_user(db)) == [2, 100012]


def test_a_window_that_the_candidate_suite_refused_passes_both_anew(
    quick: Settings, db: Connection, run: WindowRun
) -> None:
    _, conflict = add_rows(db, {}, {"purchase_price": "1"})
    build_events_candidate(quick, run)
    ge_validate_raw(quick, run)
    with pytest.raises(DataRejected, match="duplicate_candidate: 1"):
        ge_validate_candidate(quick, run)
    change_row(db, conflict, purchase_price="20000")

    assert ge_validate_candidate(quick, run).success
    assert merge_to_prod(quick, run).inserted == 1


def test_it_takes_the_stage_back_from_a_run_that_came_between(
    quick: Settings, db: Connection, run: WindowRun
) -> None:
    (bad,) = add_rows(db, {"site_id": "Brasil"})
    build_events_candidate(quick, run)
    with pytest.raises(DataRejected):
        ge_validate_raw(quick, run)
    change_row(db, bad, site_id="BRASIL")
    build_events_candidate(quick, plan_run(quick, AS_OF, window_days=1))

    assert ge_validate_raw(quick, run).success


def test_a_window_that_passed_is_never_built_again(
    quick: Settings, db: Connection, run: WindowRun
) -> None:
    add_rows(db, {})
    build_events_candidate(quick, run)
    first = staged_by(db, run)
    for _ in range(2):
        ge_validate_raw(quick, run)
        ge_validate_candidate(quick, run)
    assert staged_by(db, run) == first
    build_events_candidate(quick, plan_run(quick, AS_OF))
    with pytest.raises(StageLost):
        ge_validate_raw(quick, run)


def test_a_bad_row_that_stays_bad_is_refused_as_before(
    quick: Settings, db: Connection, run: WindowRun
) -> None:
    add_rows(db, {"site_id": "Brasil"})
    build_events_candidate(quick, run)
    for _ in range(2):
        with pytest.raises(DataRejected, match="1 of 1 raw rows"):
            ge_validate_raw(quick, run)
    with pytest.raises(PublicationRefused):
        merge_to_prod(quick, run)
