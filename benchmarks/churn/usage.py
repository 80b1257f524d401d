"""What this process and its descendants, such as Spark's Java, have used so far."""

import os
import resource
import time
from pathlib import Path

_PROC = Path("/proc")
_OWN_AND_ENDED_CHILDREN_TIME = slice(10, 14)


def cpu_seconds() -> float:
    """CPU seconds of this process and its descendants; without /proc, of this process only."""
    if not _PROC.exists():
        return time.process_time()
    ticks = sum(sum(fields[_OWN_AND_ENDED_CHILDREN_TIME]) for fields in _family().values())
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_memory_mb() -> float:
    """Sum of the peak memory of each living process of the family, in MB."""
    if not _PROC.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # bytes on macOS
    return sum(_peak_kilobytes(pid) for pid in _family()) / 1024


def _family() -> dict[int, list[int]]:
    """Return, by process id, the fields of /proc/<pid>/stat from the parent's id on."""
    everyone = {int(folder.name): _stat(folder) for folder in _PROC.glob("[0-9]*")}
    family = {os.getpid()}
    while True:
        children = {pid for pid, fields in everyone.items() if fields and fields[0] in family}
        if children <= family:
            return {pid: everyone[pid] for pid in family}
        family |= children


def _stat(folder: Path) -> list[int]:
    try:
        text = (folder / "stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(field) for field in text.rpartition(")")[2].split()[1:]]


def _peak_kilobytes(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) if lines else 0
