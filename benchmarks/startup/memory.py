"""The combined memory of all descendants."""

import resource
import threading
import time
from types import TracebackType
from typing import Self

import psutil

from benchmarks.startup.family import descendants

_LOOK_SECONDS = 0.1
_SHARE = 0.1  # largest share of time spent sampling, which must not slow down what it measures


class PeakMemory:
    """Samples the combined memory of all descendants, several times a second, in a thread."""

    def __init__(self) -> None:
        self._most = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        self._most = max(self._most, _memory())

    @property
    def megabytes(self) -> float:
        """The peak seen; at least the peak of any single process that has ended."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        return max(self._most, ended) / 1024**2

    def _watch(self) -> None:
        pause = 0.0
        while not self._done.wait(pause):
            started = time.thread_time()
            self._most = max(self._most, _memory())
            pause = max(_LOOK_SECONDS, (time.thread_time() - started) / _SHARE)


def _memory() -> int:
    """Return the bytes of all descendants; memory that they share counts once."""
    total = 0
    for process in descendants():
        try:
            total += process.memory_full_info().pss
        except psutil.AccessDenied:  # another user's
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
