"""What becomes of rows that share a key is the contract's choice; nothing is lost by any."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.crypto_events.contract import CANDIDATE_SUITE
from flows.crypto_events.landing.ingest import ingest
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.staging.trial import try_delivery
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw
from flows.errors import DataRejected
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.keys import contract_with
from tests.crypto_rows import (
    ARRIVED,
    AS_OF,
    GOOD_ROW,
    add_rows,
    candidates,
    change_row,
    failed_checks,
    prod,
    publish,
    rejects,
    remove_rows,
)

Choose = Callable[..., Settings]


@pytest.fixture
def choose(make_quick: Callable[..., Settings], tmp_path: Path) -> Choose:
    """Settings by a contract that makes the choice."""
    return lambda choice, **crypto: make_quick(contract=contract_with(tmp_path, choice), **crypto)


def recorded(db: Connection) -> dict[int, tuple[int, str]]:
    """What is recorded of superseded rows: the row that was kept, and what each is."""
    rows = db.execute("SELECT * FROM dqm.bt_crypto_events_superseded").fetchall()
    return {row["raw_id"]: (row["kept_raw_id"], row["superseded_as"]) for row in rows}


def units(db: Connection) -> list[Decimal]:
    """The units of every live row."""
    return [row["purchase_units"] for row in prod(db) if row["is_active"]]


@pytest.fixture
def deliver(db: Connection, tmp_path: Path) -> Callable[..., list[int]]:
    """Ingest a file whose rows differ in their units alone; return their raw ids."""

    def delivered(settings: Settings, name: str, *units: str, **cells: str) -> list[int]:
        rows = [{**GOOD_ROW, **cells, "purchase_units": each} for each in units]
        file = tmp_path / name
        lines = [",".join(GOOD_ROW), *(",".join(row.values()) for row in rows), ""]
        file.write_text("\n".join(lines), encoding="utf-8")
        ingest(settings, file, "append")
        stored = db.execute("SELECT raw_id FROM raw.bt_crypto_transaction_history ORDER BY raw_id")
        return [row["raw_id"] for row in stored][-len(units) :]

    return delivered


@pytest.mark.parametrize("policy", ["abort", "quarantine"])
def test_the_newest_is_published_whatever_the_others_say(
    choose: Choose, db: Connection, policy: str
) -> None:
    settings = choose("newest", policy=policy)
    (newest,) = add_rows(db, {"purchase_units": "3"}, arrived_at=ARRIVED)
    older, repeated = add_rows(
        db, {"purchase_price": "9"}, {"purchase_units": "3.0"}, arrived_at=ARRIVED - timedelta(1)
    )
    assert publish(settings).inserted == 1
    assert units(db) == [3]
    assert recorded(db) == {older: (newest, "older"), repeated: (newest, "repetition")}
    assert rejects(db) == []

    remove_rows(db, newest)
    publish(settings)
    assert candidates(db) == [repeated]
    assert recorded(db)[older] == (repeated, "older")
    remove_rows(db, repeated)
    publish(settings)
    assert [row["purchase_price"] for row in prod(db)] == [9]
    assert older not in recorded(db)


def test_of_rows_that_arrive_together_the_last_is_the_newest(
    choose: Choose, db: Connection
) -> None:
    _, last = add_rows(db, {"purchase_units": "5"}, {"purchase_units": "4"})
    publish(choose("newest"))
    assert (candidates(db), units(db)) == ([last], [4])


def test_units_are_added_up_and_every_row_is_told_apart(
    choose: Choose, db: Connection, deliver: Callable[..., list[int]]
) -> None:
    settings = choose("sum")
    one, half, other = deliver(settings, "monday.csv", "1", "0.5", "1")  # equal rows: two purchases
    publish(settings)
    assert [(row["purchase_units"], row["purchase_value"]) for row in prod(db)] == [
        (Decimal("2.5"), Decimal("50000.0"))
    ]
    assert recorded(db) == {one: (other, "part"), half: (other, "part")}

    *again, last = deliver(settings, "monday.csv", "1", "0.5", "1")  # the same file once more
    assert publish(settings).unchanged == 1
    assert recorded(db) == {
        **dict.fromkeys((one, half, other), (last, "repetition")),
        **dict.fromkeys(again, (last, "part")),
    }

    deliver(settings, "tuesday.csv", "1")  # another file: another purchase
    publish(settings)
    assert units(db) == [Decimal("3.5")]
    remove_rows(db, again[1])
    publish(settings)
    assert units(db) == [Decimal("3.5")]  # what it repeated counts again
    remove_rows(db, half)
    publish(settings)
    assert units(db) == [3]
    check_sums(db)


def check_sums(db: Connection) -> None:
    """Each published row has its own units and those of its parts, and no others."""
    wrong = db.execute(
        "SELECT kept.raw_id FROM staging.bt_crypto_events_candidate AS kept"
        " JOIN staging.bt_crypto_events_window AS own USING (raw_id)"
        " LEFT JOIN dqm.bt_crypto_events_superseded AS known"
        "   ON known.kept_raw_id = kept.raw_id AND known.superseded_as = 'part'"
        " LEFT JOIN raw.bt_crypto_transaction_history AS part ON part.raw_id = known.raw_id"
        " GROUP BY kept.raw_id, kept.purchase_units, own.purchase_units"
        " HAVING kept.purchase_units"
        "   <> own.purchase_units + coalesce(sum(part.purchase_units::numeric), 0)"
    ).fetchall()
    assert wrong == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("monday.csv", "20000", "1"), ("tuesday.csv", "20001", "1"), id="price"),
        pytest.param(("monday.csv", "20000", "1"), ("monday.csv", "20000", "2"), id="same row"),
    ],
)
def test_what_cannot_be_added_up_is_a_conflict(
    choose: Choose, db: Connection, deliver: Callable[..., list[int]], first: Any, second: Any
) -> None:
    settings = choose("sum")
    (wrong,), (part,) = (
        deliver(settings, name, each, purchase_price=price) for name, price, each in (first, second)
    )
    (kept,) = deliver(settings, "wednesday.csv", "4", purchase_price=second[1])
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    ge_validate_raw(settings, run)
    for _ in range(2):
        with pytest.raises(DataRejected, match=r"no two rows share .* \(duplicate_candidate: 1\)"):
            ge_validate_candidate(settings, run)
    assert failed_checks(db, run, CANDIDATE_SUITE) == {"key_unique": 1}
    assert rejects(db) == [(wrong, "duplicate_candidate")]

    lenient = choose("sum", policy="quarantine", max_reject_share=0.5)
    publish(lenient, tolerated=True)
    assert units(db) == [Decimal(second[2]) + 4]
    assert recorded(db) == {part: (kept, "part")}
    change_row(db, wrong, user_id="7")
    publish(settings)
    assert len(prod(db)) == 2
    check_sums(db)


def test_rules_are_about_raw_rows_not_about_sums(choose: Choose, db: Connection) -> None:
    settings = choose("sum")
    large = {"purchase_units": "9999999999"}
    add_rows(db, large, large)
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    assert ge_validate_raw(settings, run).success
    assert ge_validate_candidate(settings, run).success
    merge_to_prod(settings, run)
    assert units(db) == [19999999998]


def test_another_choice_looks_at_what_is_published_again(choose: Choose, db: Connection) -> None:
    first, second = add_rows(db, {}, {"purchase_units": "3"})
    publish(choose("newest"))
    assert units(db) == [3]
    publish(choose("sum"))
    assert (units(db), recorded(db)) == ([5], {first: (second, "part")})
    lenient = choose("refuse", policy="quarantine", max_reject_share=1)
    publish(lenient, tolerated=True)
    assert (units(db), recorded(db)) == ([3], {})


@pytest.mark.parametrize(("choice", "refused"), [("refuse", 3), ("newest", 0), ("sum", 3)])
def test_a_file_is_tried_by_the_choice(
    choose: Choose, tmp_path: Path, choice: str, refused: int
) -> None:
    file = tmp_path / "trial.csv"
    rows = [
        "MEXICO,1,10/3/2025,BTC,2,3",
        "MEXICO,1,10/3/2025,BTC,2,4",
        "MEXICO,1,10/3/2025,BTC,1,4",
    ]
    file.write_text("\n".join([",".join(GOOD_ROW), *rows, ""]), encoding="utf-8")
    trial = try_delivery(choose(choice), file)
    assert trial.rows_passing == 3 - refused
