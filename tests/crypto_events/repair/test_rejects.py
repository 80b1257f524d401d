"""What people do with rejected rows: look, dismiss, correct."""

from typing import Any

import pytest

from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.repair.rejects import (
    correct,
    dismiss,
    open_rejects,
    open_rejects_by_reason,
)
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.errors import BadInput
from flows.forgetting.forget import forget
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.crypto_events.oracle.rejected_rows import record_rejects, reject
from tests.crypto_rows import GOOD_ROW, add_rows, candidates, prod, publish, rejects, stage

UNKNOWN_SITE = {"site_id": "Brasil", "user_id": "2"}
NO_PRICE = {"purchase_price": "NaN", "user_id": "3"}


def resolutions(db: Connection) -> dict[int, str | None]:
    rows = db.execute(
        "SELECT raw_id, resolution, resolved_at IS NULL AS open FROM dqm.bt_crypto_events_rejects"
    ).fetchall()
    assert all((row["resolution"] is None) == row["open"] for row in rows)
    return {row["raw_id"]: row["resolution"] for row in rows}


def raw_cells(db: Connection, raw_id: int) -> dict[str, Any]:
    row = db.execute(
        "SELECT * FROM raw.bt_crypto_transaction_history WHERE raw_id = %s", [raw_id]
    ).fetchone()
    return {column: row[column] for column in RAW_COLUMNS}


def test_by_reason_says_how_many_which_rule_and_shows_one(quick: Settings, db: Connection) -> None:
    other_site = {**UNKNOWN_SITE, "site_id": "CHILE"}
    _, newest, nan = reject(quick, db, UNKNOWN_SITE, other_site, NO_PRICE)

    by_reason = open_rejects_by_reason(db, quick)

    assert [(row.reason, row.rows) for row in by_reason] == [
        ("site_id_unknown", 2),
        ("purchase_price_not_a_number", 1),
    ]
    assert [row.example_raw_id for row in by_reason] == [newest, nan]
    assert by_reason[0].rule == "site_id is one of ARGENTINA, BRASIL, MEXICO"
    assert by_reason[0].example == "CHILE | 2 | 10/3/2025 | BTC | 20000 | 2"


def test_an_example_says_where_a_long_cell_was_cut_and_what_is_missing(
    quick: Settings, db: Connection
) -> None:
    reject(quick, db, {"site_id": "x" * 21, "crypto_type": None, "user_id": "1" * 20})

    examples = {row.reason: row.example for row in open_rejects_by_reason(db, quick)}

    assert examples["crypto_type_missing"] == (
        f"{'x' * 20}… | {'1' * 20} | 10/3/2025 | ∅ | 20000 | 2"
    )


def test_a_row_rejected_by_two_runs_counts_once(quick: Settings, db: Connection) -> None:
    reject(quick, db, UNKNOWN_SITE)
    record_rejects(quick, stage(quick))

    assert [row.rows for row in open_rejects_by_reason(db, quick)] == [1]
    assert len(open_rejects(db, None, 10)) == 1


def test_the_list_shows_rows_as_they_arrived(quick: Settings, db: Connection) -> None:
    both = {**UNKNOWN_SITE, "purchase_price": " 1,5 "}
    first, second = reject(quick, db, NO_PRICE, both)

    newest, oldest = open_rejects(db, None, 10)

    assert newest["raw_id"] == second
    assert newest["reasons"] == "purchase_price_not_a_number, site_id_unknown"
    assert newest["purchase_price"] == " 1,5 "
    assert oldest["raw_id"] == first
    assert [row["raw_id"] for row in open_rejects(db, None, 1)] == [second]
    assert [row["raw_id"] for row in open_rejects(db, "site_id_unknown", 10)] == [second]
    assert open_rejects(db, "no_such_reason", 10) == []


def test_dismissed_by_reason_rows_block_no_further_run(quick: Settings, db: Connection) -> None:
    add_rows(db, {})
    bad = reject(quick, db, UNKNOWN_SITE, {**UNKNOWN_SITE, "user_id": "4"})

    assert dismiss(quick, by="ana", why="test site", reason="site_id_unknown", raw_ids=[]) == 2

    built = build_events_candidate(quick, stage(quick))
    assert (built.candidate_rows, built.rejected_rows, built.dismissed_rows) == (1, 0, 2)
    assert resolutions(db) == dict.fromkeys(bad, "dismissed by ana: test site")
    assert open_rejects_by_reason(db, quick) == []
    kept = db.execute("SELECT * FROM dqm.bt_crypto_events_dismissals ORDER BY user_id").fetchall()
    assert [(row["user_id"], row["dismissed_by"], row["why"]) for row in kept] == [
        ("2", "ana", "test site"),
        ("4", "ana", "test site"),
    ]


def test_dismissing_a_row_closes_all_of_its_reasons_and_no_other_row(
    quick: Settings, db: Connection
) -> None:
    both, other = reject(quick, db, {**UNKNOWN_SITE, "purchase_price": "0"}, NO_PRICE)

    assert dismiss(quick, by="ana", why="known", raw_ids=[both]) == 1

    assert len(rejects(db)) == 3
    assert resolutions(db) == {both: "dismissed by ana: known", other: None}


def test_the_same_line_stays_dismissed_when_it_is_delivered_again(
    quick: Settings, db: Connection
) -> None:
    bad = reject(quick, db, UNKNOWN_SITE)
    dismiss(quick, by="ana", why="known", raw_ids=bad)
    add_rows(db, UNKNOWN_SITE, {**UNKNOWN_SITE, "user_id": "5"}, {**UNKNOWN_SITE, "user_id": None})

    built = build_events_candidate(quick, stage(quick))

    assert (built.dismissed_rows, built.rejected_rows) == (2, 2)


def test_a_correction_is_a_copy_beside_the_row(quick: Settings, db: Connection) -> None:
    (bad,) = reject(quick, db, UNKNOWN_SITE)

    copy, day = correct(quick, bad, {"site_id": "BRASIL"}, by="ana", why="their typo")

    assert day == GOOD_ROW["purchase_date"]
    assert raw_cells(db, bad) == {**GOOD_ROW, **UNKNOWN_SITE}
    assert raw_cells(db, copy) == {**GOOD_ROW, **UNKNOWN_SITE, "site_id": "BRASIL"}
    assert resolutions(db) == {bad: "dismissed by ana: their typo"}
    publish(quick)
    assert [(row["site_id"], row["user_id"]) for row in prod(db)] == [("BRASIL", 2)]
    assert candidates(db) == [copy]


def test_a_correction_may_empty_a_cell_and_leaves_missing_ones_missing(
    quick: Settings, db: Connection
) -> None:
    (bad,) = reject(quick, db, {"user_id": None, "site_id": "Brasil"})

    copy, _ = correct(quick, bad, {"site_id": ""}, by="ana", why="unknown")

    assert raw_cells(db, copy) == {**GOOD_ROW, "user_id": None, "site_id": ""}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"price": "1"}, "price cannot be set. Columns of a raw row: site_id, user_id"),
        ({}, "Nothing cannot be set"),
        ({"site_id": "Brasil"}, "would equal a row that was dismissed"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    values: dict[str, str], sentence: str, quick: Settings, db: Connection
) -> None:
    (bad,) = reject(quick, db, UNKNOWN_SITE)

    with pytest.raises(BadInput, match=sentence):
        correct(quick, bad, values, by="ana", why="?")

    assert_untouched(db, raw_id=bad)


def test_no_row_becomes_one_of_somebody_who_was_forgotten(quick: Settings, db: Connection) -> None:
    (bad,) = reject(quick, db, {**UNKNOWN_SITE, "user_id": "no user"})
    forget(quick, "47", why="asked for it", by="ana")

    with pytest.raises(BadInput, match="That user was forgotten, so no row of theirs is stored"):
        correct(quick, bad, {"site_id": "BRASIL", "user_id": "047"}, by="ana", why="their typo")
    assert_untouched(db, raw_id=bad)

    correct(quick, bad, {"site_id": "BRASIL", "user_id": "48"}, by="ana", why="their typo")
    publish(quick)
    assert [row["user_id"] for row in prod(db)] == [48]


def test_what_is_no_open_reject_is_neither_dismissed_nor_corrected(
    quick: Settings, db: Connection
) -> None:
    (good,) = add_rows(db, {})
    (bad,) = reject(quick, db, UNKNOWN_SITE)

    with pytest.raises(BadInput, match=f"No open reject has raw_id {good}"):
        dismiss(quick, by="ana", why="?", raw_ids=[good])
    with pytest.raises(BadInput, match="No open reject has reason hope"):
        dismiss(quick, by="ana", why="?", reason="hope", raw_ids=[])
    with pytest.raises(BadInput, match=f"Raw row {good} is no open reject"):
        correct(quick, good, {"site_id": "MEXICO"}, by="ana", why="?")
    with pytest.raises(BadInput, match="Raw row 999999 is no open reject"):
        correct(quick, 999999, {"site_id": "MEXICO"}, by="ana", why="?")

    assert_untouched(db, raw_id=bad)


def assert_untouched(db: Connection, raw_id: int) -> None:
    assert resolutions(db) == {raw_id: None}
    assert db.execute("SELECT FROM dqm.bt_crypto_events_dismissals").fetchall() == []
    copies = "SELECT FROM raw.bt_crypto_transaction_history WHERE source_name LIKE 'correction%'"
    assert db.execute(copies).fetchall() == []


def test_of_many_ids_the_first_are_named(quick: Settings) -> None:
    with pytest.raises(BadInput, match=r"has raw_id 100, 101, 102, 103, 104 and 9,895 more\. "):
        dismiss(quick, by="ana", why="old", raw_ids=list(range(100, 10_000)))
