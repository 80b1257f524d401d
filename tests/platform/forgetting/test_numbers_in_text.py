"""Ids in logs: hidden where they stand by themselves, and nothing else is."""

import re

import pytest

from flows.platform.forgetting.numbers_in_text import without_people
from flows.platform.forgetting.people import People


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Failing row contains (2025-03-10, BRASIL, 12, BTC)", "(2025-03-10, BRASIL, xx, BTC)"),
        ('line 3: "BRASIL\t0012\t5/3/2026"', '"BRASIL\txxxx\t'),
        ("Key (user_id)=(12) exists", "(user_id)=(xx)"),
        ("user-12 and 'user=12'", "user-xx and 'user=xx'"),
        ("5,12,7", "5,xx,7"),
        # Three digits between commas are a cell, and no part of a thousand.
        ('COPY t, line 3: "ARGENTINA,12,456"', '"ARGENTINA,xx,456"'),
        ('COPY t, line 3: "ARGENTINA,012,456,BTC"', '"ARGENTINA,xxx,456,BTC"'),
        ('COPY t, line 3: "12,456"', '"xx,456"'),
        ("012,456,BTC", "xxx,456,BTC"),
        # As a cell has it, a number without a fraction is the id.
        ('COPY t, line 3: "12.0"', '"xx.x"'),
        ("ARGENTINA,12.00,5", "ARGENTINA,xx.xx,5"),
        ("users:12:3", "users:xx:3"),
        ("users:12:30", "users:xx:30"),
        ("12-1 and 7-12", "xx-1 and 7-xx"),
        # A line of JSON, whose message has lines and cells.
        (r'{"message": "COPY\nline 3: \"BRASIL\t0012\t5/3"}', r"BRASIL\txxxx\t"),
        (r'{"error": "Failing row\n12 is there\u00e112"}', r"row\nxx is there\u00e1xx"),
    ],
)
def test_an_id_is_hidden(text: str, hidden: str) -> None:
    found, number = without_people(text, People("12"))
    assert hidden in found
    assert number == len(re.findall(r"x[x.]+", found))
    assert len(found) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-12 12:00:12.012",
        "2026-12-12T12:12:12,012 INFO",
        "2026-12-12 12:12:12.012+12",
        "12:12 and 12:12:12.",
        "112 of 1,012 rows",
        'told: "1,012 rows", 5,012, and 7,012.',
        "12.5 and 0.12",
        "user12 a12b",
        "10.0.12.1",
        "run 00000012-0012-0012-0012-000000000012",
    ],
)
def test_days_times_and_other_numbers_stay(text: str) -> None:
    assert without_people(text, People("12")) == (text, 0)
