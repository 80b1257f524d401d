"""Cells are read as the producer writes them, or stay what nobody can take for something else."""

from datetime import date

import pytest

from flows.contracts.producers.cells import date_pattern, date_reader, number_reader


def read_date(date_format: str, cell: str) -> str:
    return date_reader(date_format, date.isoformat)(cell)


@pytest.mark.parametrize(
    ("date_format", "cell", "day"),
    [
        ("d/M/yyyy", "3/4/2025", "2025-04-03"),
        ("M/d/yyyy", "3/4/2025", "2025-03-04"),
        ("MM/dd/yyyy", "03/04/2025", "2025-03-04"),
        ("yyyyMMdd", "20250304", "2025-03-04"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2025-03-04T23:59:59+01:00", "2025-03-04"),
        ("yyyy-MM-dd HH:mm:ss[.SSSS]", "2025-03-04 20:28:14.7123", "2025-03-04"),
        ("yyyy-MM-dd HH:mm:ss[.SSSS]", "2025-03-04 20:28:14", "2025-03-04"),
        ("M/d/yyyy h:mm a", " 3/4/2025 1:05 PM\u00a0", "2025-03-04"),
        ("dd.MM.yyyy", "4.3.2025", "4.3.2025 (not dd.MM.yyyy)"),
        ("M/d/yyyy", "13/1/2025", "13/1/2025 (not M/d/yyyy)"),
        ("d/M/yyyy", "29/2/2025", "29/2/2025 (not d/M/yyyy)"),
        ("d/M/yyyy", "٣/4/2025", "٣/4/2025 (not d/M/yyyy)"),
        ("d/M/yyyy", " ", " "),
    ],
)
def test_a_date_is_read_as_the_format_says(date_format: str, cell: str, day: str) -> None:
    assert read_date(date_format, cell) == day


@pytest.mark.parametrize(
    "date_format", ["", "d/M", "d/M/yy", "d/d/yyyy", "d/M/yyyy EEE", "d/M/yyyy]", "[d/M/yyyy"]
)
def test_what_is_no_format_of_a_date_is_none(date_format: str) -> None:
    assert date_pattern(date_format) is None


@pytest.mark.parametrize(
    ("signs", "cell", "number"),
    [
        ((",", ""), "1234,50", "1234.50"),
        ((",", "."), "1.234.567,89", "1234567.89"),
        ((",", "."), "1234567", "1234567"),
        ((".", ","), "-1,234.5", "-1234.5"),
        ((",", "\u202f"), "1\u202f234,5", "1234.5"),
        ((".", "'"), "\t1'000.0 ", "1000.0"),
        ((",", ""), "", ""),
    ],
)
def test_a_number_is_read_with_its_signs(signs: tuple[str, str], cell: str, number: str) -> None:
    assert number_reader(*signs)(cell) == number


@pytest.mark.parametrize("cell", ["1.5", "1.23.456", "12.34,5", "1,", ",5", "1e5", "$1", "1 000"])
def test_a_number_with_other_signs_is_none(cell: str) -> None:
    assert number_reader(",", ".")(cell) == f"{cell} (not a number as the producer writes it)"
