"""A verdict says how many rows were checked now, and which runs vouch for the others."""

from typing import Any

import pytest

from flows.crypto_events.contract import CANDIDATE_SUITE, RAW_SUITE
from flows.crypto_events.run import WindowRun, plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw
from flows.errors import DataRejected
from flows.platform.storage.layout import data_docs_index
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_rows import AS_OF, add_rows, failed_checks, run_every_step


def verdicts(db: Connection, run: WindowRun) -> dict[str, tuple[int, int, list[str]]]:
    rows = db.execute("SELECT * FROM dqm.dq_runs WHERE run_id = %s", [run.run_id])
    return {
        row["suite"]: (row["rows_checked"], row["rows_vouched_for"], row["vouched_for_by"])
        for row in rows
    }


def publish(settings: Settings, run_id: str, **plan: Any) -> WindowRun:
    run = plan_run(settings, AS_OF, run_id=run_id, **plan)
    run_every_step(settings, run)
    return run


def test_runs_vouch_for_what_they_checked_until_a_full_one(quick: Settings, db: Connection) -> None:
    add_rows(db, {"user_id": "1"}, {"user_id": "1"}, {"user_id": "2"})
    first = publish(quick, "first")
    assert verdicts(db, first) == {RAW_SUITE: (3, 0, []), CANDIDATE_SUITE: (2, 0, [])}

    add_rows(db, {"user_id": "3"})
    second = publish(quick, "second")
    assert verdicts(db, second) == {
        RAW_SUITE: (1, 3, ["first"]),
        CANDIDATE_SUITE: (1, 2, ["first"]),
    }

    # An unchanged window is not an empty one.
    third = publish(quick, "third")
    assert verdicts(db, third) == {
        RAW_SUITE: (0, 4, ["first", "second"]),
        CANDIDATE_SUITE: (0, 3, ["first", "second"]),
    }
    pages = [page.read_text() for page in data_docs_index(quick).parent.rglob("*.html")]
    assert any("(0 checked now, 4 vouched for by first, second)" in page for page in pages)

    full = publish(quick, "full", full=True)
    assert verdicts(db, full)[RAW_SUITE] == (4, 0, [])
    assert verdicts(db, publish(quick, "last"))[RAW_SUITE] == (0, 4, ["full"])


def test_a_row_outside_of_what_the_run_looks_at_is_not_published(
    quick: Settings, db: Connection
) -> None:
    add_rows(db, {})
    run = plan_run(quick, AS_OF)
    build_events_candidate(quick, run)
    ge_validate_raw(quick, run)
    db.execute("DELETE FROM staging.bt_crypto_events_keys")
    with pytest.raises(DataRejected, match="no row shares its day and user with rows that are v"):
        ge_validate_candidate(quick, run)
    assert failed_checks(db, run, CANDIDATE_SUITE) == {"key_looked_at": 1}
