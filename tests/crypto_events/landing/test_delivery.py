"""Reading a delivery: what is a row, what is not, and on which line."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.crypto_events.contract import RAW_COLUMNS
from flows.crypto_events.landing.delivery import open_delivery
from flows.errors import BadInput

HEADER = ",".join(RAW_COLUMNS)
ROW = "MEXICO,1,1/1/2026,BTC,2,3"


def read(path: Path) -> list[tuple[int, list[str]]]:
    with open_delivery(path) as delivery:
        return list(delivery.rows)


def read_plain_first(path: Path) -> list[tuple[int, list[str]]]:
    with open_delivery(path) as delivery:
        plain = [line.split("\t") for lines in delivery.plain for line in lines]
        return [*enumerate(plain, 2), *delivery.rows]


def rows_or_refusal(read_rows: Callable[[Path], object], path: Path) -> object:
    try:
        return read_rows(path)
    except BadInput as refusal:
        return str(refusal)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "delivery.csv"


def refused(file: Path, content: str | bytes) -> str:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BadInput) as caught:
        read(file)
    return str(caught.value)


def test_rows_come_with_the_line_on_which_they_start(file: Path) -> None:
    file.write_text(f'{HEADER}\n{ROW}\n"a\nb",1,,,,\n{ROW}', newline="")
    assert read(file) == [
        (2, ROW.split(",")),
        (3, ["a\nb", "1", "", "", "", ""]),
        (5, ROW.split(",")),
    ]


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_are_no_data(file: Path, prefix: bytes, end: str) -> None:
    file.write_bytes(prefix + f"{HEADER}{end}{ROW}{end}{ROW}{end}".encode())
    assert read(file) == [(2, ROW.split(",")), (3, ROW.split(","))]


def test_columns_may_come_in_any_order(file: Path) -> None:
    file.write_text(",".join(reversed(RAW_COLUMNS)) + "\n1,2,3,4,5,6\n")
    with open_delivery(file) as delivery:
        assert delivery.columns == tuple(reversed(RAW_COLUMNS))
        assert list(delivery.rows) == [(2, ["1", "2", "3", "4", "5", "6"])]


def test_a_header_alone_is_a_delivery_without_rows(file: Path) -> None:
    file.write_text(HEADER + "\n")
    assert read(file) == []


def test_a_quote_in_a_later_block_ends_the_plain_lines(file: Path) -> None:
    many = 20_000
    file.write_text(f"{HEADER}\n" + f"{ROW}\n" * many + f'"a\nb",1,,,,\n{ROW}\n')
    with open_delivery(file) as delivery:
        plain = sum(len(lines) for lines in delivery.plain)
        rows = list(delivery.rows)
    assert 0 < plain < many
    assert plain + len(rows) == many + 2
    assert rows[-2:] == [(many + 2, ["a\nb", "1", "", "", "", ""]), (many + 4, ROW.split(","))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lines=st.lists(
        st.one_of(
            st.just(ROW),
            st.just(",,,,,"),
            st.text(st.sampled_from(',,,"\\\t\0\x0b\u2028é ')),
        )
    ),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.sampled_from(["", "\n", "\r\n", "\n\n"]),
)
def test_plain_lines_are_what_the_csv_reader_reads(
    file: Path, lines: list[str], end: str, last: str
) -> None:
    file.write_text(end.join([HEADER, *lines]) + last, encoding="utf-8", newline="")
    assert rows_or_refusal(read_plain_first, file) == rows_or_refusal(read, file)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
            min_size=len(RAW_COLUMNS),
            max_size=len(RAW_COLUMNS),
        )
    )
)
def test_any_text_that_a_csv_writer_writes_is_read_back(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([RAW_COLUMNS, *rows])
    assert [row for _line, row in read(file)] == rows


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "delivery.csv is empty"),
        ("\ufeff", "delivery.csv is empty"),
        (HEADER.replace(",", ";"), "line 1: the columns are separated by semicolons instead of"),
        (HEADER.replace(",", "\t"), "line 1: the columns are separated by tabs instead of commas"),
        ("site_id,user_id\n", "line 1: the header lacks 'purchase_date', 'crypto_type', 'purch"),
        (f"{HEADER},x\n", "line 1: the header has the unknown 'x'; expected exactly site_id,user"),
        (f"{HEADER},site_id\n", "line 1: the header repeats 'site_id'; expected exactly"),
        (HEADER.upper(), "line 1: the header lacks 'site_id'"),
        (f"\n{HEADER}\n", "line 1: the header lacks 'site_id'"),
    ],
)
def test_a_file_with_other_columns_is_refused(file: Path, content: str, sentence: str) -> None:
    assert sentence in refused(file, content)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (f"{ROW}\n{ROW},4\n", "line 3: the number of fields is 7; expected 6."),
        (f"{ROW}\nMEXICO,1\n{ROW}\n", "line 3: the number of fields is 2; expected 6."),
        (f'"a\nb",1,,,,\n{ROW},4\n', "line 4: the number of fields is 7; expected 6."),
        (f"{ROW}\n\n{ROW}\n", "line 3: the line is blank; expected a row."),
        (f"{ROW}\n{ROW}\n\n", "line 4: the line is blank; expected a row."),
        (f"{ROW}\n   \n", "line 3: the number of fields is 1; expected 6."),
        (f'{ROW}\n"a"b,1,,,,\n', "line 3: no CSV row starts here (',' expected after '\"')."),
        (f'{ROW}\n"a,1,,,,\n{ROW}\n', "line 3: no CSV row starts here (unexpected end of data)."),
        (f"{ROW}\nMEXICO,\0,,,,\n", "line 3: field 2 of the row contains a NUL character"),
        (f'{ROW}\n"a\n\0",1,,,,\n', "line 3: field 1 of the row contains a NUL character"),
        (f"{ROW}\n{'x' * 131_073},1,,,,\n", "line 3: no CSV row starts here (field larger than"),
        (f"{ROW}\n{'x' * 5_000_000}", "line 3: no CSV row starts here (field larger than"),
        (f"{ROW}\n{',' * 5_000_000}\n", "line 3: the number of fields is"),
    ],
)
def test_a_line_that_is_no_row_is_named(file: Path, rows: str, sentence: str) -> None:
    assert refused(file, f"{HEADER}\n{rows}").startswith(f"delivery.csv, {sentence}")


def test_the_longest_fields_are_read(file: Path) -> None:
    row = ['"' * 131_072] * len(RAW_COLUMNS)
    with file.open("w", newline="") as target:
        csv.writer(target).writerows([RAW_COLUMNS, row])
    assert read(file) == [(2, row)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_byte_that_is_not_utf_8_is_named_with_its_line(file: Path, end: str) -> None:
    lines = [HEADER, *[ROW] * 5_000, "MÉXICO,1,1/1/2026,BTC,2,3", ROW]
    message = refused(file, end.join(lines).encode("latin-1"))
    assert message.startswith("delivery.csv, line 5002: the byte 0xC9 is not UTF-8.")


def test_utf_16_and_a_character_cut_off_at_the_end_are_not_utf_8(file: Path) -> None:
    assert "delivery.csv is UTF-16 text" in refused(file, HEADER.encode("utf-16"))
    cut = f"{HEADER}\nMÉ".encode()[:-1]
    assert "line 2: the byte 0xC3 is not UTF-8" in refused(file, cut)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"absent\.csv cannot be read: No such file or directory"):
        read(tmp_path / "absent.csv")
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        read(tmp_path)
