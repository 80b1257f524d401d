"""A file is judged as a run would, and nothing of it stays."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.contracts.producers.read import producer_path, read_producer
from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.staging.trial import Broken, try_delivery
from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings
from tests.contracts.changed import changed
from tests.crypto_events.landing.test_producers_delivery import KRAKEN

TABLES = ("raw.bt_crypto_transaction_history", "raw.bt_crypto_judged", "raw.bt_crypto_arrivals")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "delivery.csv"


def test_a_file_is_judged_and_nothing_of_it_is_kept(
    make_quick: Callable[..., Settings], db: Connection, file: Path
) -> None:
    rows = [
        *("MEXICO,1,10/3/2025,BTC,2,3", "MEXICO,1,10/3/2025,BTC,2,3"),  # exact duplicates pass
        *("MEXICO,2,10/3/2025,BTC,2,3", "MEXICO,2,10/3/2025,BTC,2,4"),
        *("MEXICO,3,31/2/2025,btc,2,3", "MEXICO,4,10/3/2025,btc,2,3"),
    ]
    file.write_text("\n".join([",".join(RAW_COLUMNS), *rows, ""]), encoding="utf-8")
    before = [db.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES]

    trial = try_delivery(make_quick(), file)

    assert trial.rows_passing == 2
    assert [(broken.reason, broken.rows, broken.first_rows) for broken in trial.broken] == [
        ("crypto_type_unknown", 2, (5, 6)),
        ("duplicate_candidate", 2, (3, 4)),
        ("purchase_date_not_a_date", 1, (5,)),
    ]
    assert trial.broken[0].description == "crypto_type is one of BTC, ETH, USDC"
    assert [db.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES] == before


def test_missing_values_are_counted_by_day_as_well(
    make_quick: Callable[..., Settings], file: Path, tmp_path: Path
) -> None:
    share = "metric: nullValues, unit: percent, mustBeLessThan: 50, severity"
    first = "- id: crypto_type_missing"
    rules = [f"- {{id: asked, {share}: error}}", f"- {{id: told, {share}: warn}}", first]
    contract = changed(tmp_path, first, "\n          ".join(rules))
    rows = ["MEXICO,1,9/3/2025,BTC,2,3", "MEXICO,2,9/3/2025,,2,3", "MEXICO,3,10/3/2025,BTC,2,3"]
    file.write_text("\n".join([",".join(RAW_COLUMNS), *rows, ""]), encoding="utf-8")

    trial = try_delivery(make_quick(contract=contract), file)

    sentence = "crypto_type is missing in 1 of 2 rows of 2025-03-09, and may be in less than 50 %"
    assert [(q.rule, q.binds, q.sentence) for q in trial.questions] == [
        ("asked", True, sentence),
        ("told", False, sentence),
    ]


def test_rows_of_which_a_rule_warns_are_told_and_pass(
    make_quick: Callable[..., Settings], file: Path, tmp_path: Path
) -> None:
    first = "- id: crypto_type_missing"
    rule = "type: custom, engine: kpi, implementation: {rule: sql, holds: user_id > 1}"
    entry = f"- {{id: low, severity: warn, description: users from 2, {rule}}}"
    contract = changed(tmp_path, first, f"{entry}\n          {first}")
    rows = ["MEXICO,1,9/3/2025,BTC,2,3", "MEXICO,2,9/3/2025,BTC,2,3", "MEXICO,1,8/3/2025,BTC,2,3"]
    file.write_text("\n".join([",".join(RAW_COLUMNS), *rows, ""]), encoding="utf-8")

    trial = try_delivery(make_quick(contract=contract), file)

    assert (trial.rows_passing, trial.broken) == (3, ())
    [told] = trial.questions
    assert (told.rule, told.binds) == ("low", False)
    assert told.sentence.startswith("2 rows would pass although")
    assert told.sentence.endswith("users from 2 (first of them: 1, 3)")


@pytest.mark.parametrize("named", [True, False])
def test_years_and_placeholders_count_without_a_variable_that_overrides_them(
    make_settings: Callable[..., Settings], file: Path, tmp_path: Path, named: bool
) -> None:
    contract = changed(tmp_path, "severity: warn", "severity: warn")
    if not named:
        for variables in ("DATE_FORMAT, KPI_CRYPTO__FIRST_YEAR, KPI_CRYPTO__LAST_YEAR", "PLACEHO"):
            text = contract.read_text(encoding="utf-8")
            lines = [line for line in text.splitlines() if f"[KPI_CRYPTO__{variables}" not in line]
            contract.write_text("\n".join(lines), encoding="utf-8")
    changed(tmp_path, "1970-01-01", "2020-02-02", of=contract)
    rows = ["MEXICO,1,1/1/1999,BTC,2,3", "MEXICO,2,2/2/2020,BTC,2,3", "MEXICO,3,1/1/2009,BTC,2,3"]
    file.write_text("\n".join([",".join(RAW_COLUMNS), *rows, ""]), encoding="utf-8")

    trial = try_delivery(make_settings(contract=contract), file)

    assert [(broken.reason, broken.first_rows) for broken in trial.broken] == [
        ("purchase_date_not_a_date", (1,)),
        ("purchase_date_placeholder", (2,)),
    ]


def test_a_producers_file_is_judged_as_it_would_be_read(quick: Settings, file: Path) -> None:
    file.write_text(KRAKEN, encoding="utf-8")

    trial = try_delivery(quick, file, read_producer(producer_path("kraken")))

    assert (trial.rows_passing, trial.delivery.rows_left_out) == (1, 1)
    assert trial.broken == (
        Broken("crypto_type_unknown", "crypto_type is one of BTC, ETH, USDC", 1, (3,)),
    )


def test_a_file_that_is_none_is_refused(quick: Settings, file: Path) -> None:
    file.write_text("a;b\n", encoding="utf-8")

    with pytest.raises(BadInput, match="the columns are separated by semicolons"):
        try_delivery(quick, file)
