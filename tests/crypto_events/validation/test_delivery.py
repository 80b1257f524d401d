"""Rules about a delivery as a whole: a question stops the run until it is answered."""

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows.crypto_events.contract import RAW_SUITE
from flows.crypto_events.delivery_rules import delivery_rules
from flows.crypto_events.publication.merge_to_prod import merge_to_prod
from flows.crypto_events.run import WindowRun, plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.validation import reports
from flows.crypto_events.validation.validate import ge_validate_candidate, ge_validate_raw
from flows.errors import DataRejected, PublicationRefused
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.changed import changed
from tests.crypto_rows import AS_OF, Row, add_rows, failed_checks, prod, publish, remove_rows

Make = Callable[..., Settings]

QUESTION = (
    "The delivery asks a question: 2025-03-09 has 1 row, less than 20 % of the 10 of 3 days before "
    "(day_has_few_rows). Nothing was published. Deliver what is missing and run again, or, if this "
    "is all there is, run again with --accept-delivery."
)


@pytest.fixture
def soon(make_quick: Make, tmp_path: Path) -> Settings:
    """Settings whose contract compares a day with others as soon as three are known."""
    return make_quick(contract=changed(tmp_path, "knownDays: 7", "knownDays: 3"))


def rows_of(day: int, rows: int, **cells: str | None) -> list[Row]:
    return [
        {"user_id": str(1000 * day + row), "purchase_date": f"{day}/3/2025", **cells}
        for row in range(rows)
    ]


def deliver(db: Connection, **days: int) -> dict[int, list[int]]:
    """Store rows of days of March: `d9=1` is one of the ninth. Return the raw ids by day."""
    return {int(day[1:]): add_rows(db, *rows_of(int(day[1:]), n)) for day, n in days.items()}


def broken_days(db: Connection, settings: Settings, run: WindowRun) -> dict[str, list[date]]:
    """What the SQL finds in what the run staged: the days that break each rule."""
    found = {
        rule.id: [row["day"] for row in db.execute(rule.days(run))]
        for rule in delivery_rules(settings.crypto)
    }
    return {rule: days for rule, days in found.items() if days}


def judged(
    settings: Settings, db: Connection, as_of: date = AS_OF, **plan: int
) -> dict[str, list[date]]:
    run = plan_run(settings, as_of, **plan)
    build_events_candidate(settings, run)
    return broken_days(db, settings, run)


def test_a_day_with_few_rows_stops_the_run_until_somebody_accepts_it(
    soon: Settings, db: Connection
) -> None:
    deliver(db, d6=10, d7=10, d8=10, d9=1, d10=1)
    run = plan_run(soon, AS_OF)
    build_events_candidate(soon, run)
    with pytest.raises(DataRejected) as refused:
        ge_validate_raw(soon, run)
    assert str(refused.value) == QUESTION
    assert failed_checks(db, run, RAW_SUITE) == {"day_has_few_rows": 1}
    table = reports.report_raw_validation(soon, run)[0].content
    assert [line["check"] for line in table if line["passed"] == "NO"] == [
        "a day has at least 20 % of the rows that are usual (the median of the 28 days before it)"
    ]
    ge_validate_candidate(soon, run)
    with pytest.raises(PublicationRefused, match="failed suite_raw_history"):
        merge_to_prod(soon, run)
    assert prod(db) == []

    accepted = plan_run(soon, AS_OF, accept_delivery=True)
    build_events_candidate(soon, accepted)
    assert not ge_validate_raw(soon, accepted).success
    ge_validate_candidate(soon, accepted)
    assert merge_to_prod(soon, accepted).inserted == 32
    verdict = db.execute(
        "SELECT success, tolerated FROM dqm.dq_runs WHERE run_id = %s AND suite = %s",
        [accepted.run_id, RAW_SUITE],
    ).fetchone()
    assert verdict == {"success": False, "tolerated": True}

    # What was accepted is not asked again.
    again = plan_run(soon, AS_OF)
    build_events_candidate(soon, again)
    assert ge_validate_raw(soon, again).success


def test_a_warning_about_the_delivery_lets_it_pass(
    soon: Settings,
    make_quick: Make,
    db: Connection,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mine = changed(
        tmp_path,
        "openDays: 1}\n        severity: error",
        "openDays: 1}\n        severity: warn",
        of=soon.crypto.contract,
    )
    settings = make_quick(contract=mine)
    deliver(db, d6=10, d7=10, d8=10, d9=1)
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    with caplog.at_level(logging.WARNING):
        assert ge_validate_raw(settings, run).success
    assert "2025-03-09 has 1 row, less than 20 %" in caplog.text
    assert failed_checks(db, run, RAW_SUITE) == {"day_has_few_rows": 1}


def test_a_share_that_is_enough_and_days_that_nobody_knows_ask_nothing(
    soon: Settings, quick: Settings, db: Connection
) -> None:
    deliver(db, d6=10, d7=12, d8=8, d9=2)
    assert judged(soon, db) == {}
    deliver(db, d10=1)  # may still be delivered
    assert judged(soon, db) == {}
    assert judged(soon, db, date(2025, 3, 11)) == {"day_has_few_rows": [AS_OF]}
    assert judged(quick, db, date(2025, 3, 11)) == {}  # seven days are not known


def test_days_before_the_window_are_known_from_their_publication(
    soon: Settings, db: Connection
) -> None:
    days = deliver(db, d1=10, d2=10, d3=1, d4=10, d5=10)
    publish(soon, as_of=date(2025, 3, 6))
    deliver(db, d6=1)
    seventh = {"as_of": date(2025, 3, 7), "window_days": 2}
    assert judged(soon, db, **seventh) == {"day_has_few_rows": [date(2025, 3, 6)]}
    publish(soon, **seventh)
    assert judged(soon, db, **seventh) == {}

    # Another tenth of what was published is another question.
    remove_rows(db, *days[5][1:])
    assert judged(soon, db, date(2025, 3, 7), window_days=3) == {
        "day_has_few_rows": [date(2025, 3, 5)]
    }
    known = db.execute("SELECT day, rows FROM dqm.bt_crypto_events_delivered_days ORDER BY day")
    assert [(row["day"].day, row["rows"]) for row in known] == [
        *((2, 10), (3, 1), (4, 10), (5, 10), (6, 1)),
    ]


def test_only_days_within_reach_are_compared(
    make_quick: Make, db: Connection, tmp_path: Path
) -> None:
    short = changed(tmp_path, "ofDaysBefore: 28, knownDays: 7", "ofDaysBefore: 3, knownDays: 3")
    settings = make_quick(contract=short)
    deliver(db, d4=10, d5=10, d6=10, d8=1)
    assert judged(settings, db, window_days=7)["day_has_few_rows"] == [date(2025, 3, 7)]  # empty
    deliver(db, d7=1)
    assert judged(settings, db, window_days=7) == {
        "day_has_few_rows": [date(2025, 3, 7), date(2025, 3, 8), date(2025, 3, 9)]
    }


def test_a_day_that_was_pruned_or_topped_up_is_no_question(soon: Settings, db: Connection) -> None:
    deliver(db, d5=10, d6=10, d7=10, d8=1, d9=1)
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_pruned_days (day, rows, run_id)"
        " VALUES ('2025-03-08', 9, 'pruning')"
    )
    db.execute(
        "UPDATE raw.bt_crypto_transaction_history SET source_name = 'generator'"
        " WHERE purchase_date = '9/3/2025'"
    )
    assert judged(soon, db, window_days=6) == {}
    db.execute("DELETE FROM dqm.bt_crypto_events_pruned_days")
    assert judged(soon, db, window_days=6) == {"day_has_few_rows": [date(2025, 3, 8)]}


def test_rows_that_cannot_be_published_were_delivered_all_the_same(
    soon: Settings, db: Connection
) -> None:
    deliver(db, d6=10, d7=10, d8=10)
    add_rows(db, *rows_of(9, 3, crypto_type="DOGE"))
    assert judged(soon, db) == {}


def test_the_newest_day_may_not_be_too_old(
    quick: Settings, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    deliver(db, d6=1, d7=1)
    run = plan_run(quick, AS_OF)
    build_events_candidate(quick, run)
    with caplog.at_level(logging.WARNING):
        assert ge_validate_raw(quick, run).success
    assert (
        "the newest day that was delivered is 2025-03-07, 3 days before the last of the window, "
        "and may be 2 (delivery_is_old)" in caplog.text
    )
    assert failed_checks(db, run, RAW_SUITE) == {"delivery_is_old": 1}
    deliver(db, d8=1)
    assert judged(quick, db) == {}


SHARES = """
          - id: {column}_mostly_there
            metric: {metric}
            unit: percent
            {limit}
            severity: error
"""


DELIVERED = (
    "SELECT * FROM staging.bt_crypto_events_delivered WHERE rule <> 'user_id_often_missing'"
    " ORDER BY day, rule"
)


def with_share(folder: Path, column: str, limit: str, metric: str = "nullValues") -> Path:
    """A contract with a rule about the share of missing values of a column."""
    entry = SHARES.format(column=column, limit=limit, metric=metric).strip()
    first = f"- id: {column}_missing"
    return changed(folder, first, f"{entry}\n          {first}")


@pytest.mark.parametrize(
    ("column", "cell"),
    [("crypto_type", " \u00a0"), ("purchase_units", None), ("purchase_price", "")],
)
def test_a_share_of_missing_values_is_counted_by_day(
    make_quick: Make, db: Connection, tmp_path: Path, column: str, cell: str | None
) -> None:
    missing, good = f"{column}_mostly_there", {"policy": "quarantine", "max_reject_share": 1}
    settings = make_quick(contract=with_share(tmp_path, column, "mustBeLessThan: 25"), **good)
    add_rows(db, *rows_of(9, 3), *rows_of(10, 6))
    add_rows(db, {"purchase_date": "9/3/2025", column: cell}, {column: cell})
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    assert broken_days(db, settings, run) == {missing: [date(2025, 3, 9)]}
    with pytest.raises(DataRejected) as refused:
        ge_validate_raw(settings, run)
    assert str(refused.value).startswith(
        f"The delivery asks a question: {column} is missing in 1 of 4 rows of 2025-03-09, and may "
        f"be in less than 25 % ({missing}). Nothing was published. "
    )
    assert failed_checks(db, run, RAW_SUITE) == {missing: 1, f"{column}_missing": 2}

    settings = make_quick(contract=with_share(tmp_path, column, "mustBeLessOrEqualTo: 25"), **good)
    assert judged(settings, db) == {}


def test_rows_without_a_date_are_missing_on_the_day_of_their_arrival(
    make_quick: Make, db: Connection, tmp_path: Path
) -> None:
    settings = make_quick(contract=with_share(tmp_path, "purchase_date", "mustBeLessThan: 50"))
    add_rows(db, *rows_of(8, 3), {"purchase_date": ""}, {"purchase_date": "31/2/2025"})
    assert judged(settings, db) == {"purchase_date_mostly_there": [AS_OF]}


def test_what_is_dismissed_is_not_missing(make_quick: Make, db: Connection, tmp_path: Path) -> None:
    settings = make_quick(contract=with_share(tmp_path, "crypto_type", "mustBeLessThan: 50"))
    add_rows(db, *rows_of(10, 1), {"user_id": "5", "crypto_type": None})
    assert judged(settings, db) == {"crypto_type_mostly_there": [AS_OF]}
    db.execute(
        "INSERT INTO dqm.bt_crypto_events_dismissals SELECT 'md5', site_id, user_id, purchase_date,"
        " crypto_type, purchase_price, purchase_units, 'Ana', 'known'"
        " FROM raw.bt_crypto_transaction_history WHERE user_id = '5'"
    )
    assert judged(settings, db) == {}


def test_words_that_mean_nothing_are_counted_among_published_rows_too(
    make_quick: Make, db: Connection, tmp_path: Path
) -> None:
    limit = "mustBeLessThan: 50\n            arguments: {missingValues: [null, BTC]}"
    settings = make_quick(contract=with_share(tmp_path, "crypto_type", limit, "missingValues"))
    add_rows(db, *rows_of(9, 1), *rows_of(9, 2, crypto_type="ETH", user_id="7"), *rows_of(10, 2))
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    once = db.execute(DELIVERED).fetchall()
    assert [(row["day"].day, row["rule"], row["rows"]) for row in once] == [
        *((9, "", 3), (9, "crypto_type_mostly_there", 1)),
        *((10, "", 2), (10, "crypto_type_mostly_there", 2)),
    ]
    assert broken_days(db, settings, run) == {"crypto_type_mostly_there": [AS_OF]}

    publish(settings)
    add_rows(db, {"user_id": "8", "crypto_type": None})  # the others are not looked at again
    build_events_candidate(settings, plan_run(settings, AS_OF))
    again = db.execute(DELIVERED).fetchall()
    assert [row["rows"] for row in again] == [3, 1, 3, 3]
    assert len(db.execute("SELECT FROM staging.bt_crypto_events_window").fetchall()) == 1
