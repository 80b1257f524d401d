"""What the contract's file says of the churn files is what their cells are checked against."""

from pathlib import Path

import duckdb
import pytest

from flows.churn.sources import cells
from flows.churn.sources.contract import Column, SourceFile, source_file
from flows.contracts.errors import BadContract
from flows.contracts.read import read_contract
from flows.platform.compute.duckdb import sql_literal
from tests.contracts.changed import CHURN, changed


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
    assert sentences(file, "EDAD", None) == ["no whole number", "below 0", "above 99"]
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
        'metric: invalidValues, arguments: {pattern: "[A-Z]"}, mustBe: 0',
        "metric: invalidValues, arguments: {validValues: [F, M, X]}, mustBe: 0",
        "metric: nullValues, mustBe: 0",
        "metric: nullValues, unit: percent, mustBeLessThan: 5",
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
    assert sentences(file, "AGE", None) == ["no whole number", *bounds]


def test_a_column_is_not_unique_by_word_alone(tmp_path: Path) -> None:
    path = changed(tmp_path, "name: age", "name: age\n        unique: true", of=CHURN)
    with pytest.raises(BadContract, match="unique of age is not checked here"):
        demographics(path)


def test_the_examples_of_each_rule_are_judged_as_it_says() -> None:
    contract, judged = read_contract(CHURN), 0
    for table in contract.tables:
        file = source_file(contract, table)
        for column in table.columns:
            for rule in column.rules:
                of = file.column(column.delivered_name)
                assert [breaks(of, example) for example in (rule.good, rule.bad)] == [False, True]
                judged += 1
    assert judged == 2


def breaks(column: Column, example: str) -> bool:
    """Whether a cell breaks a rule of its column, unknown values refused."""
    cell = sql_literal(example)
    value = cells.value(column, "%Y-%m-%d").format(cell=cell)
    broken = [
        rule.broken.format(cell=cell, value=value)
        for rule in cells.rules(column, "%Y-%m-%d", "refuse")
    ]
    (found,) = duckdb.sql(f"SELECT {' OR '.join(broken)}").fetchall()
    return bool(found[0])


def test_a_newest_day_that_is_no_column(tmp_path: Path) -> None:
    path = changed(tmp_path, "value: last_login_on", "value: login", of=CHURN)
    with pytest.raises(BadContract, match="ACTIVE_USER has no column login, which newestDay names"):
        described(path, "ACTIVE_USER")
