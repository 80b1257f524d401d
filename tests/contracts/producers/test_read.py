"""A producer's file that is wrong is refused with file and line, before a delivery is opened."""

from pathlib import Path

import pytest

from flows.contracts.errors import BadContract
from flows.contracts.producers.producer import Source
from flows.contracts.producers.read import PRODUCERS, producer_path, read_producer
from flows.errors import BadInput

SHOP = """kind: Producer
contract: bt_crypto_events
file:
  dateFormat: dd.MM.yyyy
columns:
  user_id: Kunde
  purchase_date: Datum
  crypto_type: Währung
  purchase_price: Preis
  purchase_units: Menge
constants:
  site_id: MEXICO
keep: [Beleg]
"""


@pytest.mark.parametrize("path", sorted(PRODUCERS.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_producer_of_ours_is_right(path: Path) -> None:
    assert read_producer(path).name == path.stem


def test_a_producer_is_found_by_its_name_or_its_path(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP, encoding="utf-8")

    assert producer_path("kraken") == PRODUCERS / "kraken.yaml"
    shop = read_producer(producer_path(str(file)))
    assert shop.columns["purchase_date"] == Source("Datum", 7)
    assert shop.constants == {"site_id": "MEXICO"}
    with pytest.raises(BadInput, match=r"There is no producer 'shop': contracts/producers has kra"):
        producer_path("shop")


@pytest.mark.parametrize(
    ("before", "after", "line", "problem"),
    [
        ("kind: Producer", "kind: Table", 1, "a producer's file has kind: Producer."),
        ("bt_crypto_events", "crypto", 2, "contract names none of bt_crypto_events, churn."),
        ("contract: bt_crypto_events", "contract: churn", 2, "table has to be one of PAYMENTS, "),
        ("  user_id: Kunde", "  buyer: Kunde", 6, "bt_crypto_events has no delivered column buye"),
        # Computed: no delivery has it.
        ("  user_id: Kunde", "  purchase_value: Wert", 6, "has no delivered column purchase_value"),
        ("  user_id: Kunde\n", "", 5, "neither columns nor constants say what user_id of bt_cr"),
        ("Preis", "menge ", 10, "Menge is read as purchase_units here, and as purchase_price in "),
        ("  user_id: Kunde", "  user_id: A\n  user_id: B", 7, "user_id stands here again, first"),
        ("[Beleg]", "[preis]", 13, "preis stands here again, first in line 9."),
        ("  site_id: MEXICO", "  user_id: 1", 12, "user_id is read from the file, too (line 6)."),
        ("  site_id: MEXICO", "  site_id:", 12, "site_id has no value: write what it is in each"),
        ("  dateFormat: dd.MM.yyyy", "", 3, "dateFormat says how purchase_date is written, such"),
        ("dd.MM.yyyy", "dd.MM", 4, "dateFormat says how purchase_date is written, such as d/M/y"),
        ("dd.MM.yyyy", "dd.MM.yy", 4, "3/4/2025 may be March or April, and no row decides it."),
        ("file:", "file:\n  encoding: latin-99", 4, "there is no encoding latin-99: utf-8, win"),
        ("file:", "file:\n  encoding: hex", 4, "there is no encoding hex"),
        ("file:", "file:\n  delimiter: '||'", 4, "delimiter is one character, in quotes."),
        ("file:", 'file:\n  delimiter: "\\""', 4, "delimiter is one character, and not the quo"),
        ("file:", "file:\n  skipLines: -1", 4, "skipLines is a whole number from 0."),
        ("file:", "file:\n  decimalSign: ','\n  thousandsSign: ','", 4, "decimalSign is one cha"),
        ("file:", "file:\n  decimalSign: '1'", 4, "decimalSign is one character, and not the tho"),
        ("file:", "file:\n  thousandsSign: '-'", 3, "and not the thousandsSign; neither is a dig"),
        ("file:", "file:\n  sheet: 1", 4, "file has no sheet; it may have encoding, delimiter,"),
        ("keep:", "values:\n  site_id: {a: b}\nkeep:", 14, "site_id is not read from the file."),
        ("keep:", "rows: {column: Art}\nkeep:", 13, "rows says by which column, and which of"),
        ("keep:", "rows: {column: A, keep: [x], leaveOut: [x]}\nkeep:", 13, "rows keeps and leav"),
        ("keep:", "others: drop\nkeep:", 13, "others is refuse or keep or ignore."),
        ("keep:", "kept:", 13, "a producer has no kept; it may have kind, contract, table, descr"),
        ("[Beleg]", "Beleg", 13, "keep is no list of columns."),
        ("[Beleg]", "[{a: b}]", 13, "keep is no list of columns."),
        ("keep:", "rows: {column: A, keep: buy}\nkeep:", 13, "keep is no list of cells"),
        ("keep:", "rows: {column: A, keep: 5}\nkeep:", 13, "keep is no list of cells"),
        ("keep:", "values: {user_id: {a: [b]}}\nkeep:", 13, "a means no cell of user_id: quote it"),
        ("file:", "file:\n  encoding: undefined", 4, "there is no encoding undefined"),
        ("file:", "file:\n  encoding: punycode", 4, "there is no encoding punycode"),
        ("file:", 'file:\n  encoding: "utf\\0"', 4, "holds a NUL, which no database takes."),
        ("columns:", "columns: [", 7, "this is no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    tmp_path: Path, before: str, after: str, line: int, problem: str
) -> None:
    file = tmp_path / "shop.yaml"
    assert before in SHOP
    file.write_text(SHOP.replace(before, after, 1), encoding="utf-8")

    with pytest.raises(BadContract) as refused:
        read_producer(file)

    assert f"{file}, line {line}: " in str(refused.value)
    assert problem in str(refused.value)
