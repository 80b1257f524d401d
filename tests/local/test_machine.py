"""Waiting for what another process does."""

import time

import pytest

from flows.local.machine import POLL_SECONDS, wait_until


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept each time, with a clock that only sleeping moves."""
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    monkeypatch.setattr(time, "monotonic", lambda: sum(naps))
    return naps


def test_it_asks_less_and_less_often(naps: list[float]) -> None:
    assert wait_until(lambda: sum(naps) > 100, 200)

    assert naps[0] == POLL_SECONDS
    assert naps == sorted(naps)
    assert naps[-1] == 1


def test_a_moment_is_asked_for_as_often_as_at_first(naps: list[float]) -> None:
    assert wait_until(lambda: sum(naps) > 10, 20, moment=True)

    assert set(naps) == {POLL_SECONDS}


def test_what_does_not_happen_in_time_is_told(naps: list[float]) -> None:
    assert not wait_until(lambda: False, 10)

    assert sum(naps) == pytest.approx(10, rel=0.1)
