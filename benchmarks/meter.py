"""Measures a block: wall seconds, CPU seconds of server and client, WAL."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cost import Cost, Samples
from flows.platform.warehouse.connection import connect, fetch_one
from flows.settings import Settings

_PROC = Path("/proc")
# Fields of /proc/<pid>/stat after the process's name and state.
_PARENT = 0
_OWN_TIME = slice(10, 12)
_OWN_AND_ENDED_CHILDREN_TIME = slice(10, 14)
_SETTLE_SECONDS = 0.02


class Meter:
    """Measures work on one database and adds it to the samples. Call `close` at the end."""

    def __init__(
        self, settings: Settings, server_pid: int, samples: Samples, prefix: str = ""
    ) -> None:
        self._server_pid = server_pid
        self._samples = samples
        self._prefix = prefix
        self._connection = connect(settings, "benchmark meter", autocommit=True)

    @contextmanager
    def measure(self, name: str) -> Iterator[list[float]]:
        """Add the block's cost to the samples of `name`, even when it raises.

        To the list that it gets, the block adds CPU seconds of clients that are other processes.
        """
        # Flush earlier work first, so that its writes do not count here.
        self._connection.execute("CHECKPOINT")
        server, wal = self._server_seconds(), self._wal_position()
        client, wall = time.process_time(), time.perf_counter()
        elsewhere: list[float] = []
        try:
            yield elsewhere
        finally:
            wall, client = time.perf_counter() - wall, time.process_time() - client
            after = self._server_seconds()
            used = None if server is None or after is None else after - server
            wal = self._wal_position() - wal
            self._samples.add(self._prefix + name, Cost(wall, used, client + sum(elsewhere), wal))

    def close(self) -> None:
        """Close the meter's own connection."""
        self._connection.close()

    def _wal_position(self) -> int:
        return int(fetch_one(self._connection, "benchmarks/wal_position.sql")["bytes"])

    def _server_seconds(self) -> float | None:
        """CPU seconds so far of the server and all its processes, including ended ones."""
        if not (_PROC / "self" / "stat").exists():
            return None
        seconds = -1.0
        # A process that ends while we read would count twice or not at all.
        while (again := self._read_seconds()) != seconds:
            seconds = again
            time.sleep(_SETTLE_SECONDS)
        return seconds

    def _read_seconds(self) -> float:
        ticks = sum(_stat(self._server_pid)[_OWN_AND_ENDED_CHILDREN_TIME])
        for folder in _PROC.glob("[0-9]*"):
            fields = _stat(int(folder.name))
            if fields and fields[_PARENT] == self._server_pid:
                ticks += sum(fields[_OWN_TIME])
        return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[int]:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    _, *fields = text.rpartition(")")[2].split()
    return [int(field) for field in fields]
