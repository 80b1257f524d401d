"""What the contract's file says of the churn files is what their cells are checked against."""

from pathlib import Path

import pytest

from flows.churn.sources import cells
from flows.churn.sources.contract import SourceFile, source_file
from flows.contracts.errors import BadContract
from flows.contracts.read import read_contract
from tests.contracts.changed import CHURN, changed


def demographics(path: Path) -> SourceFile:
    return source_file(read_contract(path).table("DEMOGRAFICOS"))


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
        table = read_contract(path).table("PAYMENTS")
        if says:
            assert source_file(table).column("SPENT").currency == says
            assert source_file(table).column("DESCUENTO").currency is None
        else:
            with pytest.raises(BadContract, match="currency of spent is no text, such as EUR"):
                source_file(table)


def test_a_newest_day_that_is_no_column(tmp_path: Path) -> None:
    path = changed(tmp_path, "value: last_login_on", "value: login", of=CHURN)
    with pytest.raises(BadContract, match="ACTIVE_USER has no column login, which newestDay names"):
        source_file(read_contract(path).table("ACTIVE_USER"))
