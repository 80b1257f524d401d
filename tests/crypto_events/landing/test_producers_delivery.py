"""A producer's own file: read into the contract's columns, and kept as it arrived."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.contracts.producers.read import producer_path, read_producer
from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.landing.ingest import ingest
from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection
from flows.settings import Settings

SHOP = """
kind: Producer
contract: bt_crypto_events
file:
  encoding: windows-1252
  delimiter: ;
  skipLines: 2
  decimalSign: ","
  thousandsSign: "."
  dateFormat: dd.MM.yyyy
columns:
  user_id: KUNDE
  purchase_date: Datum
  crypto_type: währung
  purchase_price: Preis
  purchase_units: Menge
constants:
  site_id: MEXICO
values:
  crypto_type: {Bitcoin: BTC}
keep: [Beleg]
ignore: [Name]
"""
HEADER = "Kunde;Name;Datum;Währung;Preis;Menge;Beleg"
KRAKEN = (
    '"txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin",'
    '"misc","ledgers"\n'
    '"T1","O1","XXBTZUSD","2025-03-09 20:28:14.7123","buy","limit",50000.10000,1.0,0.1,0.00002000,'
    '0.0,"","L1,L2"\n'
    '"T2","O2","XETHZUSD","2025-03-09 21:28:14.7123","sell","market",1834.9,1.0,0.1,0.27,0.0,"",'
    '"L3"\n'
    '"T3","O3","XLTCZUSD","2025-03-10 00:00:01","buy","limit",80.5,1.0,0.1,2,0.0,"","L4"\n'
)


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """Few years, so that the calendar is filled in no time."""
    return make_settings(first_year=2020, last_year=2030)


@pytest.fixture
def deliver(settings: Settings, tmp_path: Path) -> Callable[..., Any]:
    """Stores lines below the shop's header, by the shop's file."""

    def store(
        *lines: str, producer: str = SHOP, header: str = HEADER, encoding: str = "windows-1252"
    ) -> Any:
        shop = tmp_path / "shop.yaml"
        shop.write_text(producer, encoding="utf-8")
        file = tmp_path / "export.csv"
        text = "\n".join(["Export", "von heute", header, *lines, ""])
        file.write_text(text, encoding=encoding)
        return ingest(settings, file, "append", producer=read_producer(shop))

    return store


def stored(db: Connection, name: str) -> list[dict[str, Any]]:
    return db.execute(
        "SELECT * FROM raw.bt_crypto_transaction_history WHERE source_name = %s ORDER BY raw_id",
        [name],
    ).fetchall()


def cells(row: dict[str, Any]) -> list[Any]:
    return [row[column] for column in RAW_COLUMNS]


def test_a_row_is_read_into_the_contracts_columns_and_kept_as_it_arrived(
    deliver: Callable[..., Any], db: Connection
) -> None:
    deliver("12;Jürgen;09.03.2025;Bitcoin;1.234,50; 2 ;A-1")

    (row,) = stored(db, "export.csv")
    assert cells(row) == ["MEXICO", "12", "9/3/2025", "BTC", "1234.50", "2"]
    assert row["producer"] == "shop"
    # Who asked for no names gets none.
    assert row["delivered"] == {
        "Kunde": "12",
        "Datum": "09.03.2025",
        "Währung": "Bitcoin",
        "Preis": "1.234,50",
        "Menge": " 2 ",
        "Beleg": "A-1",
    }


@pytest.mark.parametrize(
    ("line", "column", "cell"),
    [
        # Each would be right, and something else, if it were read as the contract writes it.
        ("12;;9/3/2025;BTC;1;2;", "purchase_date", "9/3/2025 (not dd.MM.yyyy)"),
        ("12;;31.02.2025;BTC;1;2;", "purchase_date", "31.02.2025 (not dd.MM.yyyy)"),
        ("12;;09.03.2025;BTC;1.5;2;", "purchase_price", "1.5 (not a number as the producer w"),
        ("12;;09.03.2025;BTC;1;1,2,3;", "purchase_units", "1,2,3 (not a number as the produce"),
        # Nothing stays nothing.
        ("12;; ;BTC;1;;", "purchase_date", " "),
        ("12;; ;BTC;1;;", "purchase_units", ""),
        # What the file gives no other meaning to is judged as it is.
        ("12;;09.03.2025;Taler;1;2;", "crypto_type", "Taler"),
    ],
)
def test_a_cell_that_is_not_written_as_the_producer_says_is_never_read_as_something_else(
    deliver: Callable[..., Any], db: Connection, line: str, column: str, cell: str
) -> None:
    deliver(line)

    assert stored(db, "export.csv")[0][column].startswith(cell)


def test_rows_that_are_no_purchases_are_left_out_and_counted(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "trades.csv"
    file.write_text(KRAKEN, encoding="utf-8")

    ingested = ingest(settings, file, "append", producer=read_producer(producer_path("kraken")))

    assert (ingested.rows_read, ingested.rows_stored, ingested.rows_left_out) == (3, 2, 1)
    bought = stored(db, "trades.csv")
    assert cells(bought[0]) == [
        *("ARGENTINA", "100012", "9/3/2025", "BTC"),
        *("50000.10000", "0.00002000"),
    ]
    assert cells(bought[1])[3] == "XLTCZUSD"
    assert bought[0]["delivered"]["ledgers"] == "L1,L2"
    # The third row of the file, although the second is not stored.
    assert [row["source_row_number"] for row in bought] == [1, 3]
    (told,) = db.execute(
        "SELECT producer, rows_loaded, rows_left_out FROM raw.deliveries WHERE producer IS NOT NULL"
    ).fetchall()
    assert told == {"producer": "kraken", "rows_loaded": 2, "rows_left_out": 1}


def test_a_kind_of_row_that_the_producer_does_not_name_stops_the_delivery(
    settings: Settings, db: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "trades.csv"
    file.write_text(KRAKEN.replace('"sell"', '"gift"'), encoding="utf-8")

    with pytest.raises(BadInput) as refused:
        ingest(settings, file, "append", producer=read_producer(producer_path("kraken")))

    assert refused.value.in_full == (
        "trades.csv, line 3: contracts/producers/kraken.yaml, line 21, says not whether to keep or "
        "to leave out rows with this type ('gift')."
    )
    assert "gift" not in str(refused.value)
    assert stored(db, "trades.csv") == []


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (
            "Kunde;Name;Datum;Währung;Preis;Beleg",
            "export.csv, line 3: the header lacks 'Menge', which {shop}, line 16, reads as "
            "purchase_units; it has 'Kunde', 'Name', 'Datum', 'Währung', 'Preis', 'Beleg'.",
        ),
        (
            f"{HEADER};Neu",
            "export.csv, line 3: the header has 'Neu', which {shop} does not name: add it to keep "
            "or to ignore, or set others.",
        ),
        (f"{HEADER};KUNDE", "export.csv, line 3: the header repeats a column: 'KUNDE'."),
    ],
)
def test_a_file_with_other_columns_than_the_producer_says_is_refused(
    deliver: Callable[..., Any], db: Connection, tmp_path: Path, header: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        deliver("12;;09.03.2025;BTC;1;2;", header=header)

    assert str(refused.value) == sentence.format(shop=tmp_path / "shop.yaml")
    assert stored(db, "export.csv") == []


@pytest.mark.parametrize(
    ("row", "sentence", "quoted"),
    [
        (
            "4711;Lima;09.03.2025;BTC;1;2;",
            "export.csv, line 3: the header lacks 'KUNDE', which {shop}, line 12, reads as user_id",
            "; it has '4711', 'Lima', '09.03.2025', 'BTC', '1', '2', ''.",
        ),
        (
            "4711;Lima;09.03.2025;BTC;1;2;4711",
            "export.csv, line 3: the header repeats a column",
            ": '4711'.",
        ),
    ],
)
def test_a_header_that_may_be_a_row_is_quoted_to_who_has_the_file(
    deliver: Callable[..., Any], tmp_path: Path, row: str, sentence: str, quoted: str
) -> None:
    with pytest.raises(BadInput) as refused:
        deliver("12;;09.03.2025;BTC;1;2;", header=row)

    told = sentence.format(shop=tmp_path / "shop.yaml")
    assert (str(refused.value), refused.value.in_full) == (f"{told}.", f"{told}{quoted}")


def test_lines_are_counted_from_the_beginning_of_the_file(deliver: Callable[..., Any]) -> None:
    with pytest.raises(BadInput, match=r"line 5: the number of fields is 2; expected 7\."):
        deliver("12;;09.03.2025;BTC;1;2;", "12;3")


def test_the_mark_of_utf_8_says_what_a_file_is(deliver: Callable[..., Any]) -> None:
    row = "12;;09.03.2025;BTC;1;2;"
    marked = SHOP.replace("windows-1252", "utf_8")
    assert deliver(row, producer=marked, encoding="utf-8-sig")
    with pytest.raises(BadInput, match=r"export\.csv is UTF-8, by its first bytes, and not window"):
        deliver(row, encoding="utf-8-sig")


def test_a_file_in_another_encoding_is_refused(deliver: Callable[..., Any]) -> None:
    with pytest.raises(BadInput, match=r"export\.csv, line 3: the byte 0xE4 is not UTF-8"):
        deliver("12;;09.03.2025;BTC;1;2;", producer=SHOP.replace("windows-1252", "utf-8"))
