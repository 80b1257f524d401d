"""A contract is read once; what is wrong with it is one sentence with file and line."""

import re
from pathlib import Path

import pytest

from flows.contracts.document import read_document
from flows.contracts.errors import BadContract
from flows.contracts.lint import SCHEMA, problems_of
from flows.contracts.read import read_contract
from tests.contracts.changed import CHURN, CRYPTO, changed
from tests.contracts.keys import CHOICES, KEYS, contract_with


@pytest.mark.parametrize("path", [CRYPTO, CHURN], ids=lambda path: path.stem)
def test_our_contracts_are_what_the_standard_says(path: Path) -> None:
    assert problems_of(path) == []


@pytest.mark.parametrize("shared", CHOICES)
@pytest.mark.parametrize("key", KEYS, ids=",".join)
def test_another_key_or_choice_is_what_the_standard_says(
    tmp_path: Path, shared: str, key: tuple[str, ...]
) -> None:
    path = contract_with(tmp_path, shared, key)
    assert problems_of(path) == []
    table = read_contract(path).table("bt_crypto_events")
    assert (table.key, table.shared_key[0]) == (key, shared)


def test_columns_rules_and_key_are_read() -> None:
    table = read_contract(CRYPTO).table("bt_crypto_events")
    assert table.key == ("site_id", "user_id", "purchase_date", "crypto_type")
    assert [column.name for column in table.columns if column.logic] == ["purchase_value"]
    rule = next(rule for rule in table.every_rule() if rule.id == "site_id_unknown")
    assert (rule.kind, rule.column, rule.severity) == ("enum", "site_id", "error")
    assert rule.arguments == {"validValues": ["ARGENTINA", "BRASIL", "MEXICO"]}
    assert (rule.good, rule.bad, rule.settings) == ("MEXICO", "Brasil", ("KPI_CRYPTO__SITES",))
    assert "id: site_id_unknown" in CRYPTO.read_text().splitlines()[rule.line - 1]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = changed(tmp_path, "version: 1.0.0", "version: 1.1.0")
    assert read_contract(path).version == "1.1.0"
    changed(tmp_path, "version: 1.0.0", "version: 10.1.0")
    assert read_contract(path).version == "10.1.0"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("rule: digits", "rule: digit", "rule: digit,", "'digit' is no rule"),
        ("[BTC, ETH, USDC]", "[]", "id: crypto_type_unknown", "has no validValues"),
        (
            ", column: latest_date}",
            "}",
            "id: date_in",
            "needs column",
        ),
        ("{rule: digits, ", "{rule: digits, digits: 3, ", "id: purchase_price_too", "no argument"),
        ("percent: 20", "percent: 0", "id: day_has_few", "needs a percent above 0, and up to 100"),
        ("knownDays: 7, ", "", "id: day_has_few", "needs knownDays"),
        ("knownDays: 7", "knownDays: 29", "id: day_has_few", "and ofDaysBefore from there to 366"),
        ("[BTC, ETH, USDC]", "['']", "id: crypto_type_unknown", "no cell is ''"),
        ("[BTC, ETH, USDC]", "[' BTC']", "id: crypto_type_unknown", "no cell is ' BTC'"),
        ("lastYear: 2199", "lastYear: 2008", "id: purchase_date_not_a", "goes from 2009 to 2008"),
        ("firstYear: 2009", "firstYear: 0", "id: purchase_date_not_a", "goes from 0 to 2199"),
        ("openDays: 1", "openDays: one", "id: day_has_few", "in whole days"),
        ("logicalType: date", "logicalType: day", "logicalType: day", "logicalType"),
        ("severity: error", "severity: high", "severity: high", "error or warn"),
        (
            "id: crypto_type_missing",
            "id: site_id_missing",
            "id: site_id_missing",
            "again, first in",
        ),
        ("name: crypto_type", "name: site_id", "name: site_id", "column site_id stands here again"),
        ("kind: DataContract", "kind: Contract", "kind: Contract", "no contract of ODCS 3.1"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, line: str, says: str
) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(BadContract, match=re.escape(says)) as wrong:
        read_contract(path)
    assert wrong.value.line is not None
    assert str(wrong.value).startswith(f"{path}, line {wrong.value.line}: ")
    assert line in path.read_text().splitlines()[wrong.value.line - 1]


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("mustBeLessThan: 5", "is kept as `mustBe: 0`, or as a share of the rows"),
        ("mustBe: 5", "is kept as `mustBe: 0`, or as a share of the rows"),
        ("mustBeGreaterThan: 5, unit: percent", "unit: percent, and mustBeLessThan or mustBeLess"),
        ("mustBeLessThan: 0, unit: percent", "is no percentage that a day can keep"),
        ("mustBeLessThan: 101, unit: percent", "is no percentage that a day can keep"),
        (
            "mustBeLessThan: 5, unit: percent, arguments: {missingValues: [1]}",
            "has missingValues that are no list of texts",
        ),
        ("mustBeLessThan: 5, unit: percent, arguments: {words: [a]}", "has no argument words"),
    ],
)
@pytest.mark.parametrize("metric", ["nullValues", "missingValues"])
def test_a_share_of_missing_values_says_all_it_must(
    tmp_path: Path, metric: str, limit: str, says: str
) -> None:
    entry, first = f"- {{id: share, metric: {metric}, {limit}}}", "- id: site_id_missing"
    path = changed(tmp_path, first, f"{entry}\n          {first}")
    with pytest.raises(BadContract, match=re.escape(says)) as wrong:
        read_contract(path)
    assert wrong.value.line is not None
    assert "id: share" in path.read_text().splitlines()[wrong.value.line - 1]


def test_missing_values_are_refused_one_by_one_or_as_a_share(tmp_path: Path) -> None:
    entries = [
        "- {id: one, metric: nullValues, mustBe: 0}",
        "- {id: none, metric: missingValues, mustBe: 0, arguments: {missingValues: [n/a]}}",
        "- {id: few, metric: nullValues, unit: percent, mustBeLessThan: 5}",
    ]
    first = "- id: site_id_missing"
    path = changed(tmp_path, first, "\n          ".join([*entries, first]))
    rules = {rule.id: rule for rule in read_contract(path).table("bt_crypto_events").every_rule()}
    assert [(rules[name].kind, rules[name].arguments) for name in ("one", "none", "few")] == [
        ("required", {}),
        ("missingShare", {"mustBeLessOrEqualTo": 0, "missingValues": ["n/a"]}),
        ("missingShare", {"mustBeLessThan": 5}),
    ]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (
            "unit: percent, mustBeLessThan: 5, metric: invalidValues, arguments: {pattern: A}",
            "kept as `mustBe: 0` alone, of each row: mustBeLessThan: 5, unit: percent is not check",
        ),
        (
            "metric: invalidValues, arguments: {validValues: [A]}, mustBeGreaterThan: 5",
            "mustBeGreaterThan: 5 is not checked here",
        ),
        (
            "metric: duplicateValues, mustBe: 0, unit: percent",
            "duplicateValues is kept as `mustBe: 0` alone",
        ),
        ("metric: freshness, mustBeLessThan: 9", "this rule is not checked here: metric freshness"),
        ("type: custom, engine: KPI, implementation: {rule: digits}", "not checked here: type cus"),
        ("type: library", "this rule is not checked here: type library"),
    ],
)
def test_no_entry_is_dropped_without_a_word(tmp_path: Path, entry: str, says: str) -> None:
    first = "- id: site_id_missing"
    path = changed(tmp_path, first, f"- {{id: x, {entry}}}\n          {first}")
    with pytest.raises(BadContract, match=re.escape(says)) as wrong:
        read_contract(path)
    assert wrong.value.line is not None
    assert "id: x" in path.read_text().splitlines()[wrong.value.line - 1]


@pytest.mark.parametrize(
    "entry",
    [
        "type: text, description: at once",
        "type: sql, query: SELECT 1, mustBe: 1",
        "type: custom, engine: soda, implementation: anything",
    ],
)
def test_what_is_meant_for_other_tools_is_left_to_them(tmp_path: Path, entry: str) -> None:
    first = "- id: site_id_missing"
    path = changed(tmp_path, first, f"- {{id: x, {entry}}}\n          {first}")
    ours, mine = (
        list(read_contract(of).table("bt_crypto_events").every_rule()) for of in (CRYPTO, path)
    )
    assert [rule.id for rule in mine] == [rule.id for rule in ours]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"a: [1\nb: 2\n", 2, "no YAML"),
        (b"a: 1\nb: 2\na: 3\n", 3, "a stands here again, first in line 1"),
        (b"- a\n", 1, "YAML mapping"),
        (b"", 1, "YAML mapping"),
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        (b"a: &a\n  - *a\n", 1, "nested too deeply"),
        (b"1: a\n", 1, "the key 1 is no text"),
        (b"a: !!python/object/apply:os.getcwd []\n", 1, ""),
    ],
)
def test_a_file_that_is_no_document(tmp_path: Path, content: bytes, line: int, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    if not says:  # a tag of Python is a plain list, never a call
        assert read_document(path) == {"a": []}
        return
    with pytest.raises(BadContract, match=says) as wrong:
        read_document(path)
    assert wrong.value.line == line


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadContract, match="cannot be read: No such file"):
        read_contract(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("dimension: timeliness", "dimension: speed", "dimension: speed"),
        ("format: i64", "format: int", "format: int"),
        ("value: 26", "valeu: 26", "property: freshness"),
        ("status: active", "state: active", "apiVersion"),
    ],
)
def test_lint_says_what_the_standard_says(tmp_path: Path, old: str, new: str, line: str) -> None:
    path = changed(tmp_path, old, new)
    problem = problems_of(path)[0]
    assert "says the standard (ODCS 3.1)" in str(problem)
    assert problem.line is not None
    assert line in "\n".join(path.read_text().splitlines()[problem.line - 1 : problem.line + 1])


def test_the_kept_schema_is_of_the_version_that_contracts_name() -> None:
    assert '"v3.1.0"' in SCHEMA.read_text(encoding="utf-8")
