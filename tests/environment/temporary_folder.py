"""Where tests put what they throw away: in memory, where that has room and programs may run."""

import atexit
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

_ROOT = "PYTEST_DEBUG_TEMPROOT"  # pytest's own setting
_IN_MEMORY = Path("/dev") / "shm"
_ROOM = 6 * 2**30


def prefer_memory(folder: Path = _IN_MEMORY, room: int = _ROOM) -> None:
    """Let pytest's temporary folders be in memory: databases that end with a test need no disk.

    `room` is how many bytes have to be free. All of it is gone when this process ends. Whoever
    names another root, also by TMPDIR, has that, and can look at what a test left.
    """
    if _ROOT in os.environ or "TMPDIR" in os.environ or not os.access(folder, os.W_OK):
        return
    may_run = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    if may_run and shutil.disk_usage(folder).free >= room:
        os.environ[_ROOT] = mkdtemp(prefix="kpi-tests-", dir=folder)
        atexit.register(shutil.rmtree, os.environ[_ROOT], ignore_errors=True)
