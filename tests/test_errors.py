"""What an error says, for a sentence."""

import pytest

from flows.errors import first_line


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("no such column\nLINE 1: SELECT"), "no such column"),
        (ValueError("\n  no such column\n"), "no such column"),
        (TimeoutError(), "TimeoutError"),
        (ValueError(" \n"), "ValueError"),
    ],
)
def test_the_first_line_of_what_it_says_or_its_name(error: Exception, told: str) -> None:
    assert first_line(error) == told
