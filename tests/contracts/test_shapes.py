"""A value of a wrong shape is one sentence with file and line, wherever it stands."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from flows.churn.sources.contract import source_file
from flows.contracts.document import read_document
from flows.contracts.errors import BadContract
from flows.contracts.producers.read import PRODUCERS, read_producer
from flows.contracts.read import read_contract
from flows.crypto_events.contract import raw_rules
from flows.crypto_events.delivery_rules import delivery_rules
from flows.crypto_events.key import Key
from flows.errors import BadInput
from flows.settings.crypto_events import CryptoSettings
from tests.contracts.changed import CHURN, CRYPTO, changed

SHAPES = (5, "lots", True, None, ["a"], {"a": "b"})


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            "metric: nullValues, mustBe: 0, customProperties: [{property: settings, value: 5}]",
            "settings is no list of texts",
        ),
        (
            "type: custom, engine: kpi, implementation: {rule: [a]}",
            "['a'] is no rule; rules are req",
        ),
        ("metric: invalidValues, arguments: [a], mustBe: 0", "arguments is no mapping"),
        (
            'metric: invalidValues, arguments: {validValues: ["a\\0b"]}, mustBe: 0',
            "holds a NUL, which no database takes",
        ),
    ],
)
def test_it_is_said_of_a_rule(tmp_path: Path, entry: str, problem: str) -> None:
    first = "- id: site_id_missing"
    path = changed(tmp_path, first, f"- {{id: x, {entry}}}\n          {first}")
    line = path.read_text(encoding="utf-8").splitlines().index(f"          - {{id: x, {entry}}}")
    with pytest.raises(BadContract) as wrong:
        read_contract(path)
    assert str(wrong.value).startswith(f"{path}, line {line + 1}: {problem}")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("primaryKeyPosition: 1", "primaryKeyPosition: one", "primaryKeyPosition is no whole num"),
        ("value: 200", "value: lots", "numberMaxLength is no whole number to 1000"),
        ("required: true", "required: 'no'", "required is no true or false"),
    ],
)
def test_it_is_said_of_a_column_and_a_table(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    with pytest.raises(BadContract, match=rf", line \d+: {problem}"):
        read_contract(changed(tmp_path, old, new))


@pytest.mark.parametrize(
    ("written", "read"),
    [("010", "010"), ("12:30", "12:30"), ("1_000", "1_000"), (".nan", ".nan"), ("10", 10)],
)
def test_a_number_is_one_that_looks_like_it(tmp_path: Path, written: str, read: object) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"a: {written}\n", encoding="utf-8")
    assert read_document(path) == {"a": read}


def test_no_value_of_a_contract_ends_in_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "mine.odcs.yaml"
    for of in (CRYPTO, CHURN):
        for text in _with_other_values(read_document(of)):
            path.write_text(text, encoding="utf-8")
            try:
                contract = read_contract(path)
                if of == CHURN:
                    _ = [source_file(contract, table) for table in contract.tables]
                else:
                    crypto = CryptoSettings(contract=path)
                    _ = (raw_rules(crypto), delivery_rules(crypto), Key.of(crypto))
            except (BadInput, ValidationError):
                continue


def test_no_value_of_a_producer_ends_in_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    for text in _with_other_values(read_document(PRODUCERS / "kraken.yaml")):
        path.write_text(text, encoding="utf-8")
        try:
            read_producer(path)
        except BadContract:
            continue


def _with_other_values(document: dict[str, Any]) -> Iterator[str]:
    """Yield the document, as JSON, with each of its values replaced: one of each kind of place."""
    for holder, key in _places(document):
        kept = holder[key]
        for value in SHAPES:
            holder[key] = value
            yield json.dumps(document)
        holder[key] = kept


def _places(document: dict[str, Any]) -> list[tuple[Any, Any]]:
    found: dict[tuple[str, ...], tuple[Any, Any]] = {}

    def visit(at: Any, path: tuple[str, ...]) -> None:
        named = at.items() if isinstance(at, dict) else enumerate(at)
        for key, value in named:
            kind = at.get("property", "") if isinstance(at, dict) else ""
            here = (*path, f"{kind}{key}" if isinstance(at, dict) else "")
            found.setdefault(here, (at, key))
            if isinstance(value, dict | list):
                visit(value, here)

    visit(document, ())
    return list(found.values())
