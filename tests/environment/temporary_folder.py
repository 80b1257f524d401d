"""Where tests put what they throw away: in memory, where that has room and programs may run."""

import atexit
import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from flows.platform.compute.spill import spill_folder

_ROOT = "PYTEST_DEBUG_TEMPROOT"  # pytest's own setting
_IN_MEMORY = Path("/dev") / "shm"
_ROOM = 6 * 2**30


def prefer_memory(folder: Path = _IN_MEMORY, room: int = _ROOM) -> None:
    """Let pytest's temporary folders be in memory: databases that end with a test need no disk.

    `room` is how many bytes have to be free. All of it is gone when this process ends, or, where
    it is killed, when the next begins. Whoever names another root, also by TMPDIR, has that, and
    can look at what a test left.
    """
    if _ROOT in os.environ or "TMPDIR" in os.environ or not os.access(folder, os.W_OK):
        return
    may_run = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    if may_run and shutil.disk_usage(folder).free >= room:
        until_the_end = ExitStack()
        mine = spill_folder(folder / f"kpi-tests-{os.getuid()}")
        os.environ[_ROOT] = str(until_the_end.enter_context(mine))
        atexit.register(until_the_end.close)
