"""Looks at one thing each, all at once: what is silent or broken hides none of the others."""

import logging
from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

from flows.platform.pipeline.unexpected import kind_and_place

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

# Prometheus waits ten seconds for the whole, if nobody tells it otherwise.
_PATIENCE_SECONDS = 6.0
_KEPT_SECONDS = 10.0


class Look(Generic[Answer]):
    """Asks in a thread of its own, at most once in ten seconds, and never twice at a time."""

    def __init__(self, name: str, ask: Callable[[], Answer], unknown: Answer) -> None:
        self._name = name
        self._ask = ask
        self._unknown = unknown
        self._kept = unknown
        self._told = ""
        self._alone = Lock()
        self._ended = Event()
        self._ended.set()
        self._patient_until = self._kept_until = 0.0

    def begin(self) -> None:
        """Ask anew, unless what is known is new, or the last question still waits."""
        with self._alone:
            if not self._ended.is_set() or monotonic() < self._kept_until:
                return
            self._ended.clear()
            self._patient_until = monotonic() + _PATIENCE_SECONDS
        # Nothing waits for it when the program ends.
        Thread(target=self._look, name=f"look {self._name}", daemon=True).start()

    def answer(self) -> Answer:
        """Return what was found; `unknown` after an error, and while there is no answer."""
        if self._ended.wait(max(0.0, self._patient_until - monotonic())):
            return self._kept
        self._tell(f"no answer within {_PATIENCE_SECONDS:g} s")
        return self._unknown

    def _look(self) -> None:
        try:
            self._kept = self._ask()
            if monotonic() < self._patient_until:
                self._told = ""
        except Exception as error:  # whatever it is, it costs this answer alone
            self._kept = self._unknown
            self._tell(kind_and_place(error))
        self._kept_until = monotonic() + _KEPT_SECONDS
        self._ended.set()

    def _tell(self, what: str) -> None:
        """Say once what is wrong, as long as it lasts."""
        if what != self._told:
            logger.warning("The metrics lack %s: %s.", self._name, what)
        self._told = what
