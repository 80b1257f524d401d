"""What changed between two contracts, and whom each change breaks."""

from pathlib import Path

import pytest

from flows.contracts.diff import breaks_without_version, changes_between
from flows.contracts.read import read_contract
from tests.contracts.changed import CHURN, CRYPTO, changed
from tests.contracts.keys import KEY, contract_with


@pytest.mark.parametrize(
    ("old", "new", "of", "what", "breaks"),
    [
        ("[BTC, ETH, USDC]", "[BTC, ETH]", "crypto_type_unknown", "no longer USDC", "producers"),
        (
            "[BTC, ETH, USDC]",
            "[BTC, ETH, USDC, DOGE]",
            "crypto_type_unknown",
            "also DOGE",
            "readers",
        ),
        (
            "[BTC, ETH, USDC]",
            "[BTC, ETH, SOL]",
            "crypto_type_unknown",
            "no longer USDC and also SOL",
            "producers and readers",
        ),
        ("[BTC, ETH, USDC]", "[USDC, BTC, ETH]", "crypto_type_unknown", "names its", "nobody"),
        (
            "beforePoint: 10}",
            "beforePoint: 9}",
            "purchase_units_too",
            "digits beforePoint 10",
            "prod",
        ),
        ("minimum: 1}", "minimum: 2}", "user_id", "was format i64, minimum 1", "producers and"),
        (
            "physicalType: DATE",
            "physicalType: TEXT",
            "purchase_date",
            "is date TEXT",
            "producers and",
        ),
        ("format: d/M/yyyy", "format: M/d/yyyy", "purchase_date", "is format M/d/yyyy", "prod"),
        ("- id: user_id_too_small", "- id: minors", "user_id_too_small", "is gone", "readers"),
        ("percent: 20", "percent: 30", "day_has_few_rows", "is usualRows percent 30", "producers"),
        ("percent: 20", "percent: 10", "day_has_few_rows", "was usualRows percent 20", "readers"),
        ("knownDays: 7", "knownDays: 8", "day_has_few_rows", "knownDays 8", "readers"),
        (", openDays: 1}", "}", "day_has_few_rows", "is usualRows", "producers"),
        ("percent: 20, ofDaysBefore: 28", "percent: 30, ofDaysBefore: 29", "day", "29", "prod"),
        ("value: 2\n", "value: 1\n", "latency of bt_crypto", "service level", "producers"),
        ("value: 2\n", "value: 3\n", "latency of bt_crypto", "service level", "readers"),
        ("value: 26", "value: 27", "freshness of bt_crypto_events", "service level", "readers"),
        ("primaryKeyPosition: 4", "primaryKeyPosition: 9", "", "", ""),
        ("value: Brasil", "value: Chile", "", "", ""),
    ],
)
def test_a_change_is_said_with_whom_it_breaks(
    tmp_path: Path, old: str, new: str, of: str, what: str, breaks: str
) -> None:
    before, after = read_contract(CRYPTO), read_contract(changed(tmp_path, old, new))
    changes = changes_between(before, after)
    if not of:
        assert changes == []
        return
    change = changes[0]
    assert (change.about[: len(of)], change.breaks[: len(breaks)]) == (of, breaks)
    assert what in change.what
    assert breaks_without_version(before, after) == (breaks != "nobody")


@pytest.mark.parametrize(
    ("before", "after", "breaks"),
    [
        ("mustBeLessThan: 5", "mustBeLessThan: 4", "producers"),
        ("mustBeLessThan: 5", "mustBeLessOrEqualTo: 5", "readers"),
        ("mustBeLessThan: 5", "mustBeLessThan: 5, arguments: {missingValues: [none]}", "producers"),
        (
            "mustBeLessThan: 5, arguments: {missingValues: [none]}",
            "mustBeLessThan: 4, arguments: {missingValues: [nothing]}",
            "producers and readers",
        ),
        ("mustBeLessThan: 5", "mustBeLessThan: 5, arguments: {missingValues: [null]}", "nobody"),
    ],
)
def test_a_share_of_missing_values_that_asks_for_more_breaks_producers(
    tmp_path: Path, before: str, after: str, breaks: str
) -> None:
    contracts = []
    for number, limit in enumerate((before, after)):
        folder = tmp_path / str(number)
        folder.mkdir()
        entry = f"- {{id: share, metric: missingValues, unit: percent, {limit}}}"
        first = "- id: site_id_missing"
        contracts.append(read_contract(changed(folder, first, f"{entry}\n          {first}")))
    [change] = changes_between(*contracts)
    assert (change.about, change.breaks) == ("share", breaks)


@pytest.mark.parametrize(
    ("before", "after", "breaks"),
    [
        ("mustBeGreaterThan: 5", "mustBeGreaterOrEqualTo: 6", "nobody"),
        ("mustBeGreaterThan: 5", "mustBeBetween: [6, 9]", "producers"),
        ("mustBeBetween: [6, 9]", "mustBeBetween: [5, 9]", "readers"),
        ("mustBeBetween: [6, 9]", "mustBeBetween: [7, 10]", "producers and readers"),
        ("mustBeLessThan: 9", "mustBeLessThan: 9, arguments: {openDays: 1}", "readers"),
    ],
)
def test_numbers_of_rows_that_ask_for_more_break_producers(
    tmp_path: Path, before: str, after: str, breaks: str
) -> None:
    first = "- id: delivery_is_old"
    contracts = []
    for number, limit in enumerate((before, after)):
        (tmp_path / str(number)).mkdir()
        entry = f"- {{id: rows, metric: rowCount, {limit}}}\n      {first}"
        contracts.append(read_contract(changed(tmp_path / str(number), first, entry)))
    assert [change.breaks for change in changes_between(*contracts)] == [breaks]


@pytest.mark.parametrize(
    ("old", "new", "what", "breaks"),
    [
        ("value: 200", "value: 20", "numberMaxLength was 200, and is 20", "producers"),
        ("value: 200", "value: 300", "numberMaxLength was 200, and is 300", "readers"),
        ("status: active", "status: retired", "was active, and is retired", "readers"),
        ("id: bt_crypto_events\n", "id: other\n", "is the contract other now", "producers and re"),
        ("mustBeLessThan: 5", "mustBeLessThan: 1", "is missingShare mustBeLessThan 1", "nobody"),
        ('"-"]', '"-", "?"]', "#n/a, <na>, nil, none, -, ?", "producers and readers"),
        ('value: ["None"]', "value: [none]", "fixedWords was None, and is none", "producers and"),
        (
            "describesUsers, value: false",
            "describesUsers, value: true",
            "was false, and is true",
            "pro",
        ),
        ("property: newestDay", "property: mine", "mine was nothing, and is last_login_on", "p"),
        ("value: last_login_on", "value: user_id", "newestDay was last_login_on, and is", "produc"),
        ("        unique: true\n", "", "may repeat now", "readers"),
    ],
)
def test_nothing_that_counts_changes_unsaid(
    tmp_path: Path, old: str, new: str, what: str, breaks: str
) -> None:
    of = CRYPTO if old in CRYPTO.read_text(encoding="utf-8") and "unique" not in old else CHURN
    change = changes_between(read_contract(of), read_contract(changed(tmp_path, old, new, of)))[0]
    assert what in change.what
    assert change.breaks[: len(breaks)] == breaks


def test_a_version_before_the_old_one_is_no_new_one(tmp_path: Path) -> None:
    mine = changed(tmp_path, "[BTC, ETH, USDC]", "[BTC]")
    for version, breaks in [("0.9.0", True), ("1.0.1", False), ("1.0.0", True), ("10.0.0", False)]:
        changed(tmp_path, "version: 1.0.0", f"version: {version}", of=mine)
        assert breaks_without_version(read_contract(CRYPTO), read_contract(mine)) == breaks
        changed(tmp_path, f"version: {version}", "version: 1.0.0", of=mine)


def test_a_warning_that_is_gone_breaks_nobody(tmp_path: Path) -> None:
    ours = read_contract(CRYPTO)
    text = CRYPTO.read_text(encoding="utf-8")
    entry = text[text.index("          - id: user_id_often_missing") :]
    entry = entry[: entry.index("          - id: user_id_not_bigint")]
    less = read_contract(changed(tmp_path, entry, ""))
    assert [change.breaks for change in changes_between(ours, less)] == ["nobody"]
    assert [change.breaks for change in changes_between(less, ours)] == ["nobody"]


def test_another_key_or_choice_breaks_both_sides(tmp_path: Path) -> None:
    ours = read_contract(CRYPTO)
    summed = read_contract(contract_with(tmp_path, "sum"))
    (change,) = changes_between(ours, summed)
    assert change.what == ("of rows that share a key: was refuse, and is sum of purchase_units")
    finer = read_contract(contract_with(tmp_path, key=(*KEY, "purchase_price")))
    keyed, unique = changes_between(ours, finer)
    assert keyed.what.endswith(
        "and is site_id, user_id, purchase_date, crypto_type, purchase_price"
    )
    assert unique.about == "duplicate_candidate"
    for changed_contract in (change, keyed):
        assert changed_contract.breaks == "producers and readers"
    assert breaks_without_version(ours, summed)


def test_a_breaking_change_needs_a_new_version(tmp_path: Path) -> None:
    mine = changed(tmp_path, "severity: error", "severity: warn")
    ours, softer = read_contract(CRYPTO), read_contract(mine)
    assert {change.breaks for change in changes_between(ours, softer)} == {"readers"}
    assert {change.breaks for change in changes_between(softer, ours)} == {"producers"}
    assert breaks_without_version(ours, softer)
    changed(tmp_path, "version: 1.0.0", "version: 2.0.0", of=mine)
    assert not breaks_without_version(ours, read_contract(mine))
