"""Validation records its verdict and each bad row, and stops the run where the policy says so."""

from collections.abc import Callable
from datetime import date

import pytest

from flows.crypto_events.contract import RAW_SUITE
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation import reports, validate
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw
from flows.errors import DataRejected, KpiError, PublicationRefused, StageLost
from flows.local.machine import wait_until
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import (
    ARRIVED,
    AS_OF,
    add_rows,
    change_row,
    fingerprint,
    prod_by_user,
    rejects,
    run_every_step,
    stage,
)
from tests.s3_endpoint import content, s3_endpoint

PATIENCE = 10

Make = Callable[..., Settings]


def test_bad_rows_stop_a_run_and_are_written_once(quick: Settings, db: Connection) -> None:
    bad, _ = add_rows(db, {"user_id": " 1.5 ", "crypto_type": None}, {"user_id": "2"})
    run = plan_run(quick, AS_OF)
    for _ in range(2):
        build_events_candidate(quick, run)
        for _ in range(2):
            with pytest.raises(DataRejected, match="1 of 2 raw rows of 2025-03-06 to 2025-03-10"):
                ge_validate_raw(quick, run)
    expected = [(bad, "crypto_type_missing"), (bad, "user_id_not_bigint")]
    assert rejects(db) == expected

    row = db.execute("SELECT * FROM dqm.bt_crypto_events_rejects LIMIT 1").fetchone()
    assert (row["user_id"], row["crypto_type"]) == (" 1.5 ", None)  # as it arrived
    assert (row["run_id"], row["as_of"], row["arrived_at"]) == (run.run_id, AS_OF, ARRIVED)
    assert (row["source_name"], row["source_row_number"]) == ("test", 1)

    ge_validate_candidate(quick, run)
    with pytest.raises(PublicationRefused, match="failed suite_raw_history"):
        merge_to_prod(quick, run)

    another = plan_run(quick, AS_OF)
    build_events_candidate(quick, another)
    with pytest.raises(DataRejected):
        ge_validate_raw(quick, another)
    assert rejects(db) == sorted(expected * 2)
    assert prod_by_user(db) == {}


def test_a_window_without_a_real_date_names_the_settings(quick: Settings, db: Connection) -> None:
    add_rows(db, {"purchase_date": "1/1/1970"})
    run = plan_run(quick, date(1970, 1, 1), window_days=1)
    build_events_candidate(quick, run)
    with pytest.raises(DataRejected, match=r"^No day of 1970-01-01 to .*FIRST_YEAR is 2020, "):
        ge_validate_raw(quick, run)


def test_in_s3_people_find_what_was_found(quick: Settings, db: Connection) -> None:
    add_rows(db, {"user_id": "1.5"})
    run = plan_run(quick, AS_OF)
    build_events_candidate(quick, run)
    with s3_endpoint("ge-artifacts") as s3:
        settings = quick.model_copy(
            update={"storage": "s3", "s3": s3, "app_url": "http://app.example"}
        )
        assert reports.report_data_docs(settings, run) == []
        with pytest.raises(DataRejected, match=r"^1 of 1 raw rows "):
            ge_validate_raw(settings, run)
        *_, link = reports.report_raw_validation(settings, run)
        assert link.content == "http://app.example/artifacts/ge-artifacts/data_docs/index.html"
        assert "data_docs/index.html" in content(s3, "ge-artifacts")


def test_without_its_bucket_nothing_counts_as_validated(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    run = plan_run(quick, AS_OF)
    build_events_candidate(quick, run)
    with s3_endpoint() as s3:
        settings = quick.model_copy(update={"storage": "s3", "s3": s3})
        with pytest.raises(KpiError, match=r"^Bucket ge-artifacts of .* does not take files"):
            ge_validate_raw(settings, run)
    assert db.execute("SELECT * FROM dqm.dq_runs").fetchall() == []


def test_data_docs_that_are_missing_change_no_verdict(
    quick: Settings, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Settings) -> None:
        raise KpiError("The bucket is full.")

    monkeypatch.setattr(validate, "build_data_docs", refuse)
    add_rows(db, {"user_id": "1.5"})
    run = plan_run(quick, AS_OF)
    build_events_candidate(quick, run)
    with pytest.raises(
        DataRejected, match=r"^1 of 1 .* Its Data Docs are missing: The bucket is full\.$"
    ):
        ge_validate_raw(quick, run)


def test_quarantine_publishes_the_rest_up_to_a_share(make_quick: Make, db: Connection) -> None:
    settings = make_quick(policy="quarantine", max_reject_share=0.25)
    ids = add_rows(db, *({"user_id": str(number)} for number in range(1, 5)))
    change_row(db, ids[0], purchase_price="1,5")
    run = plan_run(settings, AS_OF)
    run_every_step(settings, run)
    assert sorted(prod_by_user(db)) == [2, 3, 4]
    assert rejects(db) == [(ids[0], "purchase_price_not_a_number")]
    verdict = db.execute(
        "SELECT success, tolerated, failed_expectations FROM dqm.dq_runs"
        " WHERE run_id = %s AND suite = %s",
        [run.run_id, RAW_SUITE],
    ).fetchone()
    assert verdict == {"success": False, "tolerated": True, "failed_expectations": 1}

    before = prod_by_user(db)
    change_row(db, ids[1], purchase_price="1,5")
    run = plan_run(settings, AS_OF)
    with pytest.raises(DataRejected, match=r"2 of 4 .* more than max_reject_share = 25\.0%"):
        run_every_step(settings, run)
    with pytest.raises(PublicationRefused, match="failed suite_raw_history"):
        merge_to_prod(settings, run)
    assert prod_by_user(db) == before


def test_dismissed_rows_block_no_run(make_quick: Make, db: Connection) -> None:
    settings = make_quick()
    dismissed, again, _ = add_rows(
        db, {"user_id": "x"}, {"user_id": "x", "purchase_date": "10/3/2025"}, {"user_id": "2"}
    )
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_dismissals"
        " SELECT 'md5', site_id, user_id, purchase_date, crypto_type, purchase_price,"
        "  purchase_units, 'Ana', 'a test of the source'"
        " FROM raw.bt_crypto_transaction_history WHERE raw_id = %s",
        [dismissed],
    )
    run = plan_run(settings, AS_OF)
    built = build_events_candidate(settings, run)
    assert (built.dismissed_rows, built.rejected_rows, built.candidate_rows) == (2, 0, 1)
    assert ge_validate_raw(settings, run).rows == 1
    assert rejects(db) == []
    assert again


def test_a_verdict_needs_the_runs_own_window(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    run = stage(quick)
    stage(quick)
    for step in (ge_validate_raw, ge_validate_candidate):
        with pytest.raises(StageLost, match="another run staged since"):
            step(quick, run)


def test_a_repeated_step_changes_nothing(make_quick: Make, db: Connection) -> None:
    settings = make_quick(policy="quarantine", max_reject_share=0.5)
    add_rows(db, {"user_id": "x"}, {"user_id": "2"}, {"user_id": "2", "purchase_units": "9"}, {})
    run = plan_run(settings, AS_OF)
    run_every_step(settings, run)
    once = fingerprint(db)
    assert (once["published_rows"], once["rejected_rows"]) == (2, 2)
    for step in (build_events_candidate, ge_validate_raw, ge_validate_candidate, merge_to_prod):
        step(settings, run)
        assert fingerprint(db) == once


def test_no_connection_is_left_open(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    run = plan_run(quick, AS_OF)
    build_events_candidate(quick, run)
    ge_validate_raw(quick, run)
    assert wait_until(lambda: not connections_of_others(db), PATIENCE)


def connections_of_others(db: Connection) -> list[str]:
    rows = db.execute(
        "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    return [row["application_name"] for row in rows]
