"""Which person a cell means."""

import pytest

from flows.platform.forgetting.people import People, person_of


@pytest.mark.parametrize(
    "cell",
    [
        "4711",
        "004711",
        " 4711\t",
        "+4711",
        "4711.0",
        "4711.00",
        "user 4711",
        "#4711;",
        "4711\u00a0",
    ],
)
def test_a_user_is_found_however_the_cell_is_written(cell: str) -> None:
    assert person_of(cell) == "4711"
    assert People("4711").has(cell)


@pytest.mark.parametrize("cell", ["-4711", "47110", "4711.5", "4711,2", "4.711", "", "somebody"])
def test_a_cell_that_says_something_else_is_not_theirs(cell: str) -> None:
    assert not People("4711").has(cell)


def test_zero_and_negative_users_are_users() -> None:
    assert (person_of("000"), person_of("-07")) == ("0", "-7")


def test_people_are_known_by_their_hashes_alone() -> None:
    people = People(hashes=["<4711>"], by=lambda person: f"<{person}>")

    assert people.among(["4711", "4712", None, " 04711"]) == ["4711", " 04711"]
    assert not People(hashes=[])
