"""`rowCount`: how many rows a day has, in numbers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.contracts.errors import BadContract
from flows.crypto_events.contract import RAW_SUITE
from flows.crypto_events.delivery_rules import delivery_rules
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation.validate import ge_validate_raw
from flows.errors import DataRejected
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.changed import changed
from tests.crypto_events.validation.test_delivery import deliver, judged
from tests.crypto_rows import AS_OF, failed_checks, publish

Make = Callable[..., Settings]


def with_limits(folder: Path, limits: str, severity: str = "error") -> Path:
    entry = f"- {{id: rows_a_day, metric: rowCount, {limits}, severity: {severity}}}"
    return changed(folder, "- id: delivery_is_old", f"{entry}\n      - id: delivery_is_old")


@pytest.mark.parametrize(
    ("limits", "broken"),
    [
        ("mustBeGreaterThan: 2", [7, 8, 9, 10]),
        ("mustBeGreaterThan: 2, arguments: {openDays: 1}", [7, 8, 9]),
        ("mustBeGreaterOrEqualTo: 2", [8, 9, 10]),
        ("mustBeLessThan: 3", [6]),
        ("mustBeLessOrEqualTo: 3", []),
        ("mustBeBetween: [1, 2]", [6, 8]),
        ("mustBe: 0, unit: rows", [6, 7, 9, 10]),
    ],
)
def test_days_with_other_numbers_of_rows_are_found(
    make_quick: Make, db: Connection, tmp_path: Path, limits: str, broken: list[int]
) -> None:
    deliver(db, d6=3, d7=2, d9=1, d10=1)
    settings = make_quick(contract=with_limits(tmp_path, limits))
    # The window begins two days before the first row: what was never known is no question.
    found = judged(settings, db, window_days=7).get("rows_a_day", [])
    assert [day.day for day in found] == broken


def test_a_day_asks_until_it_is_accepted_and_again_when_it_is_worse(
    make_quick: Make, db: Connection, tmp_path: Path
) -> None:
    limits = "mustBeBetween: [2, 1000], arguments: {openDays: 1}"
    settings = make_quick(contract=with_limits(tmp_path, limits))
    deliver(db, d6=2, d7=2, d8=2, d9=1, d10=1)
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    with pytest.raises(DataRejected, match="2025-03-09 has 1 row, and a day has at least 2 and at"):
        ge_validate_raw(settings, run)
    assert failed_checks(db, run, RAW_SUITE) == {"rows_a_day": 1}
    publish(settings, accept_delivery=True)
    assert judged(settings, db) == {}
    db.execute("DELETE FROM raw.bt_crypto_transaction_history WHERE purchase_date = '9/3/2025'")
    assert "rows_a_day" in judged(settings, db)


def test_a_warning_lets_pass(make_quick: Make, db: Connection, tmp_path: Path) -> None:
    settings = make_quick(contract=with_limits(tmp_path, "mustBeGreaterThan: 99", "warn"))
    deliver(db, d10=1)
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    assert ge_validate_raw(settings, run).success
    assert failed_checks(db, run, RAW_SUITE) == {"rows_a_day": 1}


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ("unit: percent, mustBeGreaterThan: 5", "its unit is rows"),
        ("arguments: {openDays: 1}", "needs one of mustBe, mustBeBetween"),
        ("mustBeBetween: [5, 4]", "can be kept by no day"),
        ("mustBeBetween: 5", "has a mustBeBetween that is no pair of numbers"),
        ("mustBeBetween: [4, 5, 6]", "has a mustBeBetween that is no pair of numbers"),
        ("mustBeLessThan: 0", "can be kept by no day"),
        ("mustBeGreaterThan: 1.5", "counts rows and openDays in whole numbers"),
        ("mustBeGreaterThan: [1]", "has a mustBeGreaterThan that is no number"),
        ("mustNotBe: 5", "has no argument mustNotBe"),
    ],
)
def test_limits_that_mean_nothing_are_refused(
    make_quick: Make, tmp_path: Path, limits: str, says: str
) -> None:
    with pytest.raises(BadContract, match=says) as wrong:
        delivery_rules(make_quick(contract=with_limits(tmp_path, limits)).crypto)
    assert wrong.value.line
