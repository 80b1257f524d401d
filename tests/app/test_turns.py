"""Heavy work is done one piece at a time, and no turn is ever lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from app.turns import TooBusy, Turns


def nobody(ahead: int) -> None:
    raise AssertionError(ahead)


@contextmanager
def taken(turns: Turns) -> Iterator[None]:
    """Somebody else has the turn, in a thread of their own."""
    has, done = Event(), Event()

    def take() -> None:
        with turns.turn(60, nobody):
            has.set()
            assert done.wait(60)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(take)
        assert has.wait(60)
        yield
        done.set()
        other.result()


def test_one_at_a_time_and_everybody_in_the_end() -> None:
    turns, at_work, most = Turns(most_waiting=10), [], []

    def work(number: int) -> int:
        with turns.turn(60, lambda _: None):
            at_work.append(number)
            most.append(len(at_work))
            at_work.remove(number)
        return number

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(work, range(10))) == list(range(10))
    assert most == [1] * 10


def test_who_waits_is_told_how_many_are_ahead() -> None:
    turns, told = Turns(most_waiting=1), []

    def tell(ahead: int) -> None:
        told.append(ahead)
        raise InterruptedError  # as Streamlit does when the visitor has left

    with taken(turns):
        # Who left no longer waits: there is room for the next.
        for _ in range(2):
            with pytest.raises(InterruptedError), turns.turn(60, tell):
                raise AssertionError
    assert told == [1, 1]
    with turns.turn(0, nobody):
        pass


def test_patience_ends_in_a_sentence() -> None:
    turns = Turns(most_waiting=1)
    with (
        taken(turns),
        pytest.raises(TooBusy, match=r"^The turn did not come in time\.$"),
        turns.turn(0, nobody),
    ):
        raise AssertionError


def test_too_many_do_not_wait() -> None:
    turns = Turns(most_waiting=0)
    with (
        taken(turns),
        pytest.raises(TooBusy, match=r"^Too many wait already\.$"),
        turns.turn(60, nobody),
    ):
        raise AssertionError


def test_work_that_fails_gives_the_turn_back() -> None:
    turns = Turns(most_waiting=0)
    with pytest.raises(ZeroDivisionError), turns.turn(0, nobody):
        raise ZeroDivisionError
    with turns.turn(0, nobody):
        pass
