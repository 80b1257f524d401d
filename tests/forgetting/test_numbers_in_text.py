"""Ids in logs: hidden where they stand by themselves, and nothing else is."""

import pytest

from flows.forgetting.numbers_in_text import without_people
from flows.platform.forgetting.people import People


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Failing row contains (2025-03-10, BRASIL, 12, BTC)", "(2025-03-10, BRASIL, xx, BTC)"),
        ('line 3: "BRASIL\t0012\t5/3/2026"', '"BRASIL\txxxx\t'),
        ("Key (user_id)=(12) exists", "(user_id)=(xx)"),
        ("user-12 and 'user=12'", "user-xx and 'user=xx'"),
        ("5,12,7", "5,xx,7"),
        # A line of JSON, whose message has lines and cells.
        (r'{"message": "COPY\nline 3: \"BRASIL\t0012\t5/3"}', r"BRASIL\txxxx\t"),
        (r'{"error": "Failing row\n12 is there\u00e112"}', r"row\nxx is there\u00e1xx"),
    ],
)
def test_an_id_is_hidden(text: str, hidden: str) -> None:
    found, number = without_people(text, People("12"))
    assert hidden in found
    assert number == found.count("xx") or "xxxx" in found
    assert len(found) == len(text)


@pytest.mark.parametrize(
    "text",
    ["2026-12-12 12:00:12.012", "112 of 1,012 rows", "12.5 and 0.12", "user12 a12b", "10.0.12.1"],
)
def test_days_times_and_other_numbers_stay(text: str) -> None:
    assert without_people(text, People("12")) == (text, 0)
