"""Turns: heavy work of the app is done one piece at a time, in the order of asking."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from flows.errors import KpiError

_LOOK_SECONDS = 0.5


class TooBusy(KpiError):
    """The turn did not come in time, or too many wait already; nothing was done."""


class Turns:
    """Gives turns to threads; no more than `most_waiting` of them wait."""

    def __init__(self, most_waiting: int) -> None:
        self._most = most_waiting + 1
        self._changed = Condition()
        self._tickets: deque[object] = deque()  # the first has the turn

    @contextmanager
    def turn(self, patience_seconds: float, tell: Callable[[int], None]) -> Iterator[None]:
        """Wait for the turn, and have it in the block; it is given back however that ends.

        `tell` is called with the number of those ahead, again and again while there are any: what
        it raises ends the wait, so that nobody waits for a visitor who left. Raises TooBusy.
        """
        ticket = object()
        with self._changed:
            if len(self._tickets) >= self._most:
                raise TooBusy("Too many wait already.")
            self._tickets.append(ticket)
        try:
            end = time.monotonic() + patience_seconds
            while ahead := self._wait_for(ticket):
                if time.monotonic() > end:
                    raise TooBusy("The turn did not come in time.")
                tell(ahead)
            yield
        finally:
            with self._changed:
                self._tickets.remove(ticket)
                self._changed.notify_all()

    def _wait_for(self, ticket: object) -> int:
        """Return how many are ahead, after a moment or as soon as there are none."""
        with self._changed:
            self._changed.wait_for(lambda: self._tickets[0] is ticket, _LOOK_SECONDS)
            return self._tickets.index(ticket)
