"""The header of a file: all columns in any order, others only where they are allowed."""

import pytest

from flows.errors import BadInput
from flows.platform.compute.csv_header import check_header

COLUMNS = ("day", "user", "amount")


@pytest.mark.parametrize(
    ("header", "others"),
    [
        (["day", "user", "amount"], []),
        (["amount", "day", "user"], []),
        (["x", "amount", "day", "", "user"], ["x", ""]),
        (["day", "user", "amount", "Day"], ["Day"]),
    ],
)
def test_the_columns_may_stand_in_any_order_among_others(
    header: list[str], others: list[str]
) -> None:
    assert check_header(header, "a.csv", COLUMNS, only=False) == others


@pytest.mark.parametrize(
    ("header", "only", "problem"),
    [
        (["day", "user"], False, "the header lacks 'amount'; expected "),
        (["day"], True, "the header lacks 'user', 'amount'; expected exactly "),
        ([*COLUMNS, "x"], True, "the header has the unknown 'x'; expected exactly "),
        ([*COLUMNS, "day", "x", "x"], False, "the header repeats 'day', 'x'; expected "),
        (
            ["day", "day", "y"],
            True,
            "the header lacks 'user', 'amount' and has the unknown 'y' and repeats 'day'; "
            "expected exactly ",
        ),
        (
            ["day;user;amount"],
            False,
            "the columns are separated by semicolons instead of commas; expected ",
        ),
        (
            ["day\tuser"],
            True,
            "the columns are separated by tabs instead of commas; expected exactly ",
        ),
        (
            ["day|user"],
            False,
            "the columns are separated by vertical bars instead of commas; expected ",
        ),
    ],
)
def test_what_is_wrong_is_a_sentence(header: list[str], only: bool, problem: str) -> None:
    with pytest.raises(BadInput) as error:
        check_header(header, "a.csv", COLUMNS, only=only)
    assert str(error.value) == f"a.csv, line 1: {problem}day,user,amount, in any order."


def test_of_many_columns_the_first_are_named_and_a_long_name_is_cut() -> None:
    header = [*COLUMNS, "x" * 100_000, *(f"c{number}" for number in range(10_000))] * 2
    with pytest.raises(BadInput) as error:
        check_header(header, "a.csv", COLUMNS)
    assert str(error.value) == (
        f"a.csv, line 1: the header has the unknown '{'x' * 59}…, 'c0', 'c1', 'c2', 'c3' "
        "and 19,997 more and repeats 'day', 'user', 'amount', "
        f"'{'x' * 59}…, 'c0' and 9,999 more; expected exactly day,user,amount, in any order."
    )
