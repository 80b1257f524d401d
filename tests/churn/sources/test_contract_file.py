"""What the contract's file says of the churn files is what their cells are checked against."""

import json
from pathlib import Path

import pytest

from flows.churn.sources.contract import SourceFile, source_file
from flows.churn.sources.reading import cells
from flows.churn.sources.rules.examples import check_patterns, wrong_rules
from flows.contracts.errors import BadContract
from flows.contracts.examples import examples_of
from flows.contracts.read import read_contract
from tests.contracts.changed import CHURN, changed

TOO_LARGE = "too large, beyond 9,223,372,036,854,775,807"


def demographics(path: Path) -> SourceFile:
    return described(path, "DEMOGRAFICOS")


def described(path: Path, table: str) -> SourceFile:
    contract = read_contract(path)
    return source_file(contract, contract.table(table))


def sentences(
    file: SourceFile, column: str, unknown_values: cells.UnknownValues | None
) -> list[str]:
    rules = cells.rules(file.column(column), "%Y-%m-%d", unknown_values)
    return [rule.sentence for rule in rules]


def test_names_types_bounds_and_words_are_the_files(tmp_path: Path) -> None:
    mine = changed(tmp_path, "physicalName: AGE", "physicalName: EDAD", of=CHURN)
    changed(tmp_path, "maximum: 130", "maximum: 99", of=mine)
    file = demographics(mine)
    assert sentences(file, "EDAD", None) == ["no whole number", TOO_LARGE, "below 0", "above 99"]
    assert ["none" in column.nothing for column in file.columns] == [True, True, True, False, True]


def test_severity_says_whether_an_unknown_value_stops_and_the_setting_overrides_it(
    tmp_path: Path,
) -> None:
    ours = demographics(CHURN)
    strict = demographics(changed(tmp_path, "severity: warn", "severity: error", of=CHURN))
    stops = ["none of F, M"]
    assert [sentences(file, "GENDER", None) for file in (ours, strict)] == [[], stops]
    assert sentences(ours, "GENDER", "refuse") == stops
    assert sentences(strict, "GENDER", "missing") == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("maximum: 130", "maximum: old", "maximum of age is no whole number"),
        ("DEMOGRAFICOS.csv", "people.csv", "a delivery calls DEMOGRAFICOS DEMOGRAFICOS.csv, and"),
        ("UNKNOWN_VALUES]", "UNKNOWN]", "settings of gender_unknown can only be KPI_CHURN__UNKN"),
        ("value: 1\n", "value: 100\n", "rowCount of a file is 1, without which it is refused"),
        (
            "logicalType: string\n        physicalType: TEXT\n        description: City",
            "logicalType: boolean",
            "cells of city cannot be of type boolean",
        ),
    ],
)
def test_what_no_file_can_be_checked_by(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(BadContract, match=says):
        demographics(changed(tmp_path, old, new, of=CHURN))


def test_amounts_have_the_currency_that_the_contract_names(tmp_path: Path) -> None:
    words = "        description: Amount paid\n        customProperties:\n"
    for currency, says in (("EUR", "EUR"), ("12", None)):
        path = changed(
            tmp_path,
            words,
            f"{words}          - {{property: currency, value: {currency}}}\n",
            of=CHURN,
        )
        contract = read_contract(path)
        table = contract.table("PAYMENTS")
        if says:
            assert source_file(contract, table).column("SPENT").currency == says
            assert source_file(contract, table).column("DESCUENTO").currency is None
        else:
            with pytest.raises(BadContract, match="currency of spent is no text, such as EUR"):
                source_file(contract, table)


@pytest.mark.parametrize(
    "entry",
    [
        "metric: nullValues, mustBe: 0",
        "metric: rowCount, mustBeGreaterThan: 5, arguments: {openDays: 1}",
        "type: custom, engine: kpi, implementation: {rule: sql, holds: gender <> 'X'}",
    ],
)
@pytest.mark.parametrize(
    ("place", "before", "table"),
    [
        ("- id: gender_unknown", "          ", "DEMOGRAFICOS"),
        ("properties:\n      - name: paid_on", "    ", "PAYMENTS"),
    ],
)
def test_no_rule_is_dropped_without_a_word(
    tmp_path: Path, entry: str, place: str, before: str, table: str
) -> None:
    rule = f"- {{id: x, {entry}}}"
    first = rule if table == "DEMOGRAFICOS" else f"quality:\n      {rule}"
    path = changed(tmp_path, place, f"{first}\n{before}{place}", of=CHURN)
    with pytest.raises(
        BadContract, match=r"of .* is not checked here: a churn column has"
    ) as wrong:
        described(path, table)
    assert str(wrong.value).startswith(f"{path}, line {wrong.value.line}: the rule ")


PATTERN = "metric: invalidValues, mustBe: 0, arguments: {pattern: '^[^{}]{2,}$'}"


def with_rule_of_city(folder: Path, entry: str) -> Path:
    """Return a contract whose city has one rule more, of the id city_form."""
    words = "        description: City\n"
    rule = f"        quality:\n          - {{id: city_form, {entry}}}\n"
    return changed(folder, words, words + rule, of=CHURN)


def test_a_text_may_have_patterns_and_several_rules(tmp_path: Path) -> None:
    path = with_rule_of_city(tmp_path, PATTERN)
    file = demographics(path)
    assert sentences(file, "CITY", None) == ["no match of ^[^{}]{2,}$"]
    assert sentences(file, "CITY", "missing") == []
    more = f"- {{id: more, {PATTERN}}}\n          - id: gender_unknown"
    changed(tmp_path, "- id: gender_unknown", more, of=path)
    both = ["no match of ^[^{}]{2,}$", "none of F, M"]
    assert sentences(demographics(path), "GENDER", "refuse") == both
    assert sentences(demographics(path), "GENDER", None) == both[:1]


@pytest.mark.parametrize(
    ("examples", "wrong"),
    [(("Lima", "L"), []), (("L", "L"), ["goodValue"]), (("Lima", "Quito"), ["badValue"])],
)
def test_examples_of_a_pattern_are_tried(
    tmp_path: Path, examples: tuple[str, str], wrong: list[str]
) -> None:
    good, bad = (
        {"property": f"{name}Value", "value": value}
        for name, value in zip(("good", "bad"), examples, strict=True)
    )
    path = with_rule_of_city(tmp_path, f"{PATTERN}, customProperties: {json.dumps([good, bad])}")
    contract = read_contract(path)
    found = wrong_rules(contract, contract.table("DEMOGRAFICOS"))
    assert [problem.problem.partition(" ")[0] for problem in found] == wrong


def test_a_pattern_that_is_none_is_said_with_its_line_before_anything_is_read(
    tmp_path: Path,
) -> None:
    contract = read_contract(with_rule_of_city(tmp_path, PATTERN.replace("$", "(")))
    with pytest.raises(BadContract, match="DuckDB does not take the pattern of the rule city_form"):
        check_patterns(contract)


@pytest.mark.parametrize(
    ("options", "bounds"),
    [
        ("exclusiveMinimum: 17, exclusiveMaximum: 99", ["below 18", "above 98"]),
        ("minimum: 20, exclusiveMinimum: 17", ["below 20"]),
    ],
)
def test_bounds_of_a_whole_number_may_be_exclusive(
    tmp_path: Path, options: str, bounds: list[str]
) -> None:
    file = demographics(changed(tmp_path, "minimum: 0, maximum: 130", options, of=CHURN))
    assert sentences(file, "AGE", None) == ["no whole number", TOO_LARGE, *bounds]


def test_a_column_is_not_unique_by_word_alone(tmp_path: Path) -> None:
    path = changed(tmp_path, "name: age", "name: age\n        unique: true", of=CHURN)
    with pytest.raises(BadContract, match="unique of age is not checked here"):
        demographics(path)


def test_the_examples_of_each_rule_are_judged_as_it_says() -> None:
    contract = read_contract(CHURN)
    given = [each for table in contract.tables for each in examples_of(contract.path, table)]
    assert [each.passes for each in given] == [True, False] * 2
    assert [wrong_rules(contract, table) for table in contract.tables] == [[]] * 5


def test_a_newest_day_that_is_no_column(tmp_path: Path) -> None:
    path = changed(tmp_path, "value: last_login_on", "value: login", of=CHURN)
    with pytest.raises(BadContract, match="ACTIVE_USER has no column login, which newestDay names"):
        described(path, "ACTIVE_USER")
