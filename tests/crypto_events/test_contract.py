"""Each rule is declared once; the SQL and Great Expectations judge every row alike."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from flows.contracts.errors import BadContract
from flows.crypto_events.contract import (
    CANDIDATE_SUITE,
    CHECKPOINT,
    RAW_SUITE,
    raw_rules,
    reasons_in_words,
)
from flows.crypto_events.run import plan_run
from flows.crypto_events.staging.build_events_candidate import build_events_candidate
from flows.crypto_events.suites import raw_history_checks, staging_candidate_checks
from flows.crypto_events.validation.validate import ge_validate_raw
from flows.errors import BadInput
from flows.platform.quality.great_expectations import run_suite
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from flows.settings.crypto_events import CryptoSettings
from tests.contracts.changed import changed
from tests.crypto_rows import AS_OF, add_rows, candidates, failed_checks, reasons, rejects

RULES = raw_rules(CryptoSettings())


def test_every_rule_is_a_check_of_the_suite() -> None:
    assert {rule.id for rule in RULES} < {
        check.id for check in raw_history_checks(CryptoSettings())
    }


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"user_id": "x"}, "user_id_not_bigint"),
        ({"purchase_date": ""}, "purchase_date_missing"),
        ({"purchase_date": "12/3/2025"}, "date_in_future"),
        ({"purchase_date": " 01/01/1970\t"}, "purchase_date_placeholder"),
        ({"purchase_date": "31/12/1969"}, "purchase_date_placeholder"),
        ({"purchase_date": "2/1/1970"}, "purchase_date_not_a_date"),
        ({"crypto_type": "\u0412\u0422\u0421"}, "crypto_type_unknown"),  # Cyrillic, looks like BTC
        ({"purchase_price": "NaN"}, "purchase_price_not_a_number"),
        ({"purchase_units": "\t"}, "purchase_units_missing"),
        ({"purchase_units": "-1"}, "purchase_units_not_positive"),
    ],
)
def test_other_bad_cells_have_one_reason_too(
    quick: Settings, db: Connection, cells: dict[str, str], reason: str
) -> None:
    (bad,) = add_rows(db, cells)
    build_events_candidate(quick, plan_run(quick, AS_OF))
    assert reasons(db) == {bad: [reason]}


def test_a_row_lists_every_rule_it_breaks(quick: Settings, db: Connection) -> None:
    (bad,) = add_rows(
        db, {"site_id": "CHILE", "user_id": "x", "crypto_type": None, "purchase_units": "0"}
    )
    build_events_candidate(quick, plan_run(quick, AS_OF))
    assert reasons(db) == {
        bad: [
            "site_id_unknown",
            "user_id_not_bigint",
            "crypto_type_missing",
            "purchase_units_not_positive",
        ]
    }


def test_good_rows_pass(quick: Settings, db: Connection) -> None:
    ids = add_rows(
        db,
        {},
        {"user_id": "9223372036854775807"},
        {"user_id": "1", "purchase_date": " 06/03/2025\t", "site_id": "\u00a0MEXICO"},
        {"user_id": "2", "purchase_date": "11/3/2025"},  # the day after the arrival
        {"user_id": "3", "purchase_price": "99999999999999.9", "purchase_units": "0.00000001"},
    )
    run = plan_run(quick, date(2025, 3, 11), window_days=6)
    built = build_events_candidate(quick, run)
    assert (built.raw_rows, candidates(db)) == (5, ids)

    assert ge_validate_raw(quick, run).success
    assert failed_checks(db, run, RAW_SUITE) == {}
    assert rejects(db) == []


def test_changed_settings_change_the_sql_and_the_suite(
    make_quick: Callable[..., Settings], db: Connection
) -> None:
    settings = make_quick(
        sites=("CHILE", "Côte d'Ivoire, 100 %s"),
        crypto_types=("DOGE",),
        date_format="YYYY-MM-DD",
        placeholder_dates=("2025-03-09", "1800-01-01"),
        min_user_id=1000,
        price_integer_digits=2,
        units_integer_digits=1,
        number_max_length=6,
        policy="quarantine",
        max_reject_share=1,
    )
    good = {
        "site_id": "CHILE",
        "user_id": "1000",
        "purchase_date": "2025-03-10",
        "crypto_type": "DOGE",
        "purchase_price": "99.999",
        "purchase_units": "9.9999",
    }
    ids = add_rows(
        db,
        good,
        {**good, "site_id": "Côte d'Ivoire, 100 %s"},
        {**good, "site_id": "ARGENTINA"},
        {**good, "crypto_type": "BTC"},
        {**good, "purchase_date": "10/3/2025"},
        {**good, "purchase_date": "2025-03-09"},
        {**good, "purchase_date": "1970-01-01"},
        {**good, "user_id": "999"},
        {**good, "purchase_price": "100"},
        {**good, "purchase_units": "10"},
        {**good, "purchase_units": "1.00000"},
    )
    expected = [
        "site_id_unknown",
        "crypto_type_unknown",
        "purchase_date_not_a_date",
        "purchase_date_placeholder",
        "purchase_date_not_a_date",
        "user_id_too_small",
        "purchase_price_too_large",
        "purchase_units_too_large",
        "purchase_units_not_a_number",
    ]
    run = plan_run(settings, AS_OF)

    build_events_candidate(settings, run)
    assert candidates(db) == ids[:2]
    assert reasons(db) == {bad: [rule] for bad, rule in zip(ids[2:], expected, strict=True)}

    assert ge_validate_raw(settings, run).reasons == Counter(expected)
    assert failed_checks(db, run, RAW_SUITE) == Counter(expected)


def test_a_changed_file_changes_the_sql_and_the_suite_and_judges_anew(
    make_quick: Callable[..., Settings], db: Connection, tmp_path: Path
) -> None:
    settings = make_quick(policy="quarantine", max_reject_share=1)
    (row,) = add_rows(db, {"crypto_type": "DOGE"})
    run = plan_run(settings, AS_OF)
    build_events_candidate(settings, run)
    assert reasons(db) == {row: ["crypto_type_unknown"]}

    mine = changed(tmp_path, "[BTC, ETH, USDC]", "[DOGE]")
    changed(tmp_path, "id: user_id_too_small", "id: minors", of=mine)
    changed(tmp_path, "minimum: 1}", "minimum: 100013}", of=mine)
    changed(tmp_path, "user_id is at least 1", "nobody buys who is new", of=mine)
    settings = make_quick(policy="quarantine", max_reject_share=1, contract=mine)
    build_events_candidate(settings, run)
    assert reasons(db) == {row: ["minors"]}
    ge_validate_raw(settings, run)
    assert failed_checks(db, run, RAW_SUITE) == {"minors": 1}
    assert reasons_in_words(settings.crypto)["minors"] == "nobody buys who is new"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: crypto_type", "name: coin", "no table has the column coin"),
        ("physicalType: DATE", "physicalType: TEXT", "the warehouse's purchase_date is DATE"),
        ("transformLogic: purchase_price *", "transformLogic: 2 *", "purchase_value is NUMERIC"),
        ("primaryKeyPosition: 4", "primaryKeyPosition: 5", None),
        ("value: 26\n    unit: h", "value: 26\n    unit: moons", "freshness is a number with"),
        ("beforePoint: 14", "beforePoint: many", "beforePoint of the rule purchase_price_too"),
        ('"1969-12-31"', '"1969-12-32"', "'1969-12-32' is no day like 2009-01-31"),
        ("format: d/M/yyyy", "format: d/M/yy", "the format of purchase_date is 'd/M/yy'"),
    ],
)
def test_a_contract_that_does_not_fit_the_warehouse(
    tmp_path: Path, old: str, new: str, says: str | None
) -> None:
    path = changed(tmp_path, old, new)
    if says is None:  # the order of the key's columns is of no importance
        assert raw_rules(CryptoSettings(contract=path))
        return
    with pytest.raises(BadContract, match=re.escape(says)) as wrong:
        raw_rules(CryptoSettings(contract=path))
    assert str(wrong.value).startswith(f"{path}, line {wrong.value.line}: ")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("KPI_CRYPTO__MIN_USER_ID", 5), ("KPI_CRYPTO__SITES", ("CHILE",))],
)
def test_a_setting_without_a_rule_to_override_is_refused(
    tmp_path: Path, variable: str, value: object
) -> None:
    path = changed(tmp_path, f"{{property: settings, value: [{variable}]}}", "{property: note}")
    given = {variable.removeprefix("KPI_CRYPTO__").lower(): value}
    assert raw_rules(CryptoSettings(contract=path))
    assert raw_rules(CryptoSettings(**given))
    with pytest.raises(BadInput) as refused:
        raw_rules(CryptoSettings(contract=path, **given))
    assert str(refused.value) == (
        f"{variable} has nothing to override: no rule of {path} names it among its settings. "
        "Remove the variable, or add it to a rule."
    )


def test_without_placeholders_there_is_no_such_rule(
    make_quick: Callable[..., Settings], db: Connection
) -> None:
    settings = make_quick(placeholder_dates=())
    assert "purchase_date_placeholder" not in {rule.id for rule in raw_rules(settings.crypto)}
    (bad,) = add_rows(db, {"purchase_date": "1/1/1970"})
    build_events_candidate(settings, plan_run(settings, AS_OF))
    assert reasons(db) == {bad: ["purchase_date_not_a_date"]}


def test_the_candidate_suite_sees_what_must_not_be_published(
    quick: Settings, db: Connection
) -> None:
    db.execute(
        "INSERT INTO staging.bt_crypto_events_window (raw_id, latest_date, site_id, user_id,"
        " purchase_date, crypto_type, purchase_price, purchase_units, purchase_value)"
        " SELECT raw_id, '2025-03-11', 'MEXICO', raw_id / 2, '2025-03-10', 'BTC', p, u, v"
        " FROM (VALUES (2, 3, 2, 6), (3, 3, 3, 9), (4, -1, 1, -1), (6, 0, 1, 0), (8, 1, -1, -1),"
        " (10, 1, 1, 1.1), (12, 'NaN'::numeric, 1, NULL)) AS bad (raw_id, p, u, v)"
    )
    db.execute(
        "INSERT INTO staging.bt_crypto_events_window (raw_id, latest_date)"
        " VALUES (14, '2025-03-11')"
    )
    results = run_suite(
        quick,
        suite=CANDIDATE_SUITE,
        checkpoint=CHECKPOINT,
        table="staging.bt_crypto_events_candidate",
        run_id="test",
        checks=staging_candidate_checks(quick.crypto),
    )
    assert {check.id: check.unexpected_rows for check in results if not check.success} == {
        "site_id_present": 1,
        "user_id_present": 1,
        "purchase_date_present": 1,
        "crypto_type_present": 1,
        "purchase_price_present": 1,
        "purchase_units_present": 1,
        "purchase_value_present": 2,
        "purchase_price_positive": 2,
        "purchase_units_positive": 1,
        "purchase_value_positive": 3,
        "purchase_value_arithmetic": 2,
        "key_unique": 1,
        "key_looked_at": 8,
    }
