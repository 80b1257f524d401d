"""The grid of regularizations grows where its edge is the best, and not for ever."""

import logging
import math
from collections.abc import Callable

import pytest

from flows.churn.model.challengers.regularization import search


def best_at(place: float) -> Callable[[float], float]:
    """A loss whose least value is at a power of ten."""
    return lambda value: (math.log10(value) - place) ** 2


def tried(grid: tuple[float, ...], place: float) -> list[float]:
    return sorted(search(grid, best_at(place)))


def test_a_best_value_inside_the_grid_is_left_alone() -> None:
    assert tried((0.001, 0.01, 0.1), -2) == [0.001, 0.01, 0.1]


def test_the_grid_grows_beyond_either_edge_until_the_best_is_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        assert tried((0.001, 0.01), -4) == pytest.approx([1e-5, 1e-4, 0.001, 0.01])
        assert tried((0.001, 0.01), -1) == pytest.approx([0.001, 0.01, 0.1, 1])
    assert "Regularization 0.001 is the best of the grid and its edge: 0.0001" in caplog.text
    assert "still an edge" not in caplog.text


def test_it_grows_three_times_at_the_most_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    assert tried((1.0, 10.0), -9) == pytest.approx([0.001, 0.01, 0.1, 1, 10])
    assert "0.001 is still an edge after 3 steps" in caplog.text


def test_it_ends_when_a_step_gains_next_to_nothing() -> None:
    losses = search((0.001, 0.01), lambda value: value * 0.001)
    assert sorted(losses) == pytest.approx([1e-4, 0.001, 0.01])


@pytest.mark.parametrize("grid", [(0.01,), (0.01, 0.01)])
def test_one_value_is_fixed_and_fitted_once(
    grid: tuple[float, ...], caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[float] = []

    def loss_of(value: float) -> float:
        asked.append(value)
        return best_at(-9)(value)

    with caplog.at_level(logging.INFO):
        assert list(search(grid, loss_of)) == [0.01]
    assert asked == [0.01]
    assert not caplog.text


def test_nothing_is_below_zero() -> None:
    assert sorted(search((0.0, 1.0), lambda value: value)) == [0.0, 1.0]
