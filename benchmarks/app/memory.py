"""The memory of a served app as a container counts it: its own, and its files in /tmp."""

import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

_LOOK_SECONDS = 0.05
_MEGABYTE = 1024**2


class Peak:
    """Megabytes: `at_first`, and the most so far of the process and `counted` with its files."""

    at_first = 0.0
    own = 0.0
    counted = 0.0


@contextmanager
def peak_memory(address: str) -> Iterator[Peak]:
    """Watch the app that this process serves there, from now on until the block ends."""
    process, peak, done = _serving(address), Peak(), threading.Event()
    peak.at_first = process.memory_info().rss / _MEGABYTE
    thread = threading.Thread(target=_watch, args=(process, peak, done), daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _serving(address: str) -> psutil.Process:
    port = urlsplit(address).port
    return next(
        process
        for process in psutil.Process().children()
        if any(found.laddr.port == port for found in process.net_connections("tcp"))
    )


def _watch(process: psutil.Process, peak: Peak, done: threading.Event) -> None:
    while not done.wait(_LOOK_SECONDS):
        try:
            own = process.memory_info().rss / _MEGABYTE
            files = _open_files(process.pid) / _MEGABYTE
        except (psutil.NoSuchProcess, OSError):  # it ended, or closed a file meanwhile
            continue
        peak.own, peak.counted = max(peak.own, own), max(peak.counted, own + files)


def _open_files(pid: int) -> int:
    """Return the bytes of the open files that were written, those without a name included."""
    total = 0
    for opened in Path(f"/proc/{pid}/fd").iterdir():
        target, found = str(opened.readlink()), opened.stat()
        if target.startswith("/tmp/") and stat.S_ISREG(found.st_mode):  # noqa: S108
            total += found.st_blocks * 512
    return total
