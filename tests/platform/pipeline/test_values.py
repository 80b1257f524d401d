"""Delivered values are in the sentence for who has the file, and in no copy of it."""

import copy

import pytest

from flows.errors import BadInput, KpiError, StageLost
from flows.platform.compute.csv_header import check_header
from flows.values import in_full, value, without_values


def test_an_errors_text_leaves_values_out() -> None:
    error = BadInput(f"column AGE: 1 cell is no number (row 2{value(' 4711')}).")
    assert str(error) == "column AGE: 1 cell is no number (row 2)."
    assert error.in_full == "column AGE: 1 cell is no number (row 2 4711)."
    for told in (repr(error), f"{error}", str(error.args), error.sentence):
        assert "4711" not in told


def test_a_copy_has_no_values() -> None:
    """Whatever stores or sends an error copies it."""
    error = copy.copy(StageLost(f"row 2{value(' 4711')}.", needs_step="build"))
    assert (
        str(error) == error.in_full == "row 2. Start the run again: it takes every step once more."
    )
    assert (type(error), error.needs_step) == (StageLost, "build")


def test_a_value_cannot_end_itself_and_a_cut_one_does_not_show() -> None:
    within = f" 47{value('')}11"
    marked = f"row 1{value(within)}, row 2"
    assert without_values(marked) == "row 1, row 2"
    assert in_full(marked) == "row 1 4711, row 2"
    assert without_values(marked[:8]) == "row 1"


def test_a_header_that_may_be_a_row_is_not_quoted() -> None:
    with pytest.raises(KpiError) as error:
        check_header(["4711", "Lima"], "users.csv", ["user_id", "city"])
    assert str(error.value) == (
        "users.csv, line 1: the header lacks 'user_id', 'city'; expected exactly user_id,city, in "
        "any order."
    )
    assert "has the unknown '4711', 'Lima'" in error.value.in_full
