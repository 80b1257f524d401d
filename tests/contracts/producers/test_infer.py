"""A draft of a producer's file: guesses are marked, and what chance would decide is refused."""

import re
from pathlib import Path

import pytest

from flows.contracts.contract import Table
from flows.contracts.producers.draft import draft
from flows.contracts.producers.infer import Guess, infer
from flows.contracts.producers.read import read_producer
from flows.contracts.producers.sample import sample_of
from flows.contracts.read import read_contract
from flows.errors import BadInput
from flows.paths import CONTRACTS
from tests.crypto_events.landing.test_producers_delivery import KRAKEN


@pytest.fixture(scope="module")
def table() -> Table:
    return read_contract(CONTRACTS / "bt_crypto_events.odcs.yaml").tables[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


def guess(file: Path, table: Table, text: str, encoding: str = "utf-8", **said: str) -> Guess:
    file.write_text(text, encoding=encoding, newline="")
    return infer(sample_of(file), table, **said)


def test_a_german_export_is_understood(file: Path, table: Table) -> None:
    text = (
        "Export vom 1.4.2025\n\n"
        "KUNDE;Land;Datum;Coin;Preis;Menge;Größe\n"
        "12;MEXICO;31.03.2025;BTC;1.234,50;2;ü\n13;MEXICO;01.04.2025;BTC;7,5;0,25;\n"
    )

    found = guess(file, table, text, "windows-1252")

    assert (found.sample.encoding, found.sample.delimiter) == ("windows-1252", ";")
    assert found.sample.skip_lines == 2
    assert found.columns == {
        **{"site_id": "Land", "user_id": "KUNDE", "purchase_date": "Datum", "crypto_type": "Coin"},
        **{"purchase_price": "Preis", "purchase_units": "Menge"},
    }
    assert (found.date_format, found.signs) == ("dd.MM.yyyy", (",", "."))
    assert (found.missing, found.others, found.foreign) == ((), ("Größe",), {})
    written = file.with_suffix(".yaml")
    written.write_text(draft(found, "bt_crypto_events"), encoding="utf-8")
    assert read_producer(written).file.date_format == "dd.MM.yyyy"


@pytest.mark.parametrize(
    "content",
    [
        b"site;user\nM\xfcnchen\x81;7\n",
        "site;user\nA;7\n".encode("utf-16")[:-1],
        b"PK\x03\x04\x8d\xff",
    ],
    ids=["neither", "half a character", "archive"],
)
def test_what_is_no_text_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(BadInput, match=r"export\.csv is no text in UTF-8, UTF-16 or windows-1252"):
        sample_of(file)


def test_what_is_not_known_is_to_be_filled_in(file: Path, table: Table) -> None:
    found = guess(file, table, KRAKEN)

    assert found.date_format == "yyyy-MM-dd HH:mm:ss[.SSSS]"
    text = draft(found, "bt_crypto_events")
    assert '  crypto_type: "pair"  # guess' in text
    assert "  user_id:  # fill in: User who bought" in text
    assert '#     "XXBTZUSD": ?' in text
    written = file.with_suffix(".yaml")
    written.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="site_id has no value: write what it is in each row"):
        read_producer(written)


@pytest.mark.parametrize(
    ("dates", "read_as"),
    [
        (("3/4/2025", "4/13/2025"), "M/d/yyyy"),
        (("3/4/2025", "13/4/2025"), "d/M/yyyy"),
        (("03/04/2025", "13/04/2025"), "dd/MM/yyyy"),
        (
            ("2025-03-04T10:00:00Z", "2025-03-04T10:00:00.123+01:00"),
            "yyyy-MM-dd'T'HH:mm:ss[.SSSS]XXX",
        ),
        (("2025-03-04 10:00:00 UTC",), "yyyy-MM-dd HH:mm:ss 'UTC'"),
        (("13/4/2025 3:04 PM",), "d/M/yyyy h:mm[:ss] a"),
        (("yesterday",), None),
    ],
)
def test_dates_are_read_as_all_of_them_can_be(
    file: Path, table: Table, dates: tuple[str, ...], read_as: str | None
) -> None:
    text = "\n".join(["date,coin", *(f"{day},BTC" for day in dates), ""])

    assert guess(file, table, text).date_format == read_as


def test_dates_that_no_row_decides_are_refused(file: Path, table: Table) -> None:
    text = "date,coin\n3/4/2025,BTC\n12/12/2025,BTC\n"

    with pytest.raises(
        BadInput,
        match=r"export\.csv: each date in date can be read as d/M/yyyy and as M/d/yyyy, and no row "
        r"decides it\. Ask who wrote the file, and say it: --date-format 'd/M/yyyy'\.",
    ):
        guess(file, table, text)
    assert guess(file, table, text, date_format="M/d/yyyy").date_format == "M/d/yyyy"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("03/04/25,31/12/25", "no date in date has a year of four digits and is a real day"),
        (
            "13/4/2025,4/13/2025,3/4/2025",
            "of the dates in date, 1 can only be read as d/M/yyyy, and 1 only as M/d/yyyy: no for",
        ),
    ],
)
def test_dates_that_no_format_reads_are_said(
    file: Path, table: Table, cells: str, says: str
) -> None:
    rows = "".join(f"{cell},BTC\n" for cell in cells.split(","))
    with pytest.raises(BadInput, match=says):
        guess(file, table, f"date,coin\n{rows}")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"date_format": "d/M/yy"}, "--date-format is 'd/M/yy', but it is made of yyyy"),
        ({"decimal_sign": ";"}, "--decimal-sign is . or , and not ';'"),
    ],
)
def test_what_decides_is_something_that_a_producers_file_may_say(
    file: Path, table: Table, given: dict[str, str], says: str
) -> None:
    with pytest.raises(BadInput, match=re.escape(says)):
        guess(file, table, "date,coin\n3/4/2025,BTC\n", **given)


def test_numbers_that_no_row_decides_are_refused(file: Path, table: Table) -> None:
    text = "price;coin\n1.234;BTC\n20.000;BTC\n"

    with pytest.raises(
        BadInput, match=r"the numbers in price can be read with a decimal point and"
    ):
        guess(file, table, text)
    assert guess(file, table, text, decimal_sign=",").signs == (",", ".")
    assert guess(file, table, f"{text}1.5;BTC\n").signs == (".", "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "export.csv has no line of column names."),
        ("date,coin\n", "export.csv has no row below the names of its columns to look at."),
    ],
)
def test_a_file_without_rows_is_refused(
    file: Path, table: Table, content: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        guess(file, table, content)
    assert str(refused.value) == sentence
