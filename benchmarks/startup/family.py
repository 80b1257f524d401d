"""The processes that a command starts, including those that detach from it. Linux only."""

import ctypes
import os
import resource
import signal
import time

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_POLL_SECONDS = 0.02
_END_SECONDS = 20


def adopt_orphans() -> None:
    """Become the parent of every orphaned descendant; end when our own parent ends."""
    library = ctypes.CDLL(None, use_errno=True)
    for option, value in ((_PR_SET_CHILD_SUBREAPER, 1), (_PR_SET_PDEATHSIG, signal.SIGTERM)):
        if library.prctl(option, value, 0, 0, 0):
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))


def wait_for(pid: int) -> int:
    """Wait for a child, and reap orphans meanwhile; return the child's exit code."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


def all_ended(patience: float = 0) -> bool:
    """Wait up to `patience` seconds for all children and orphans; return whether none is left."""
    deadline = time.monotonic() + patience
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if not ended:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)


def end_all() -> None:
    """End what still runs: with SIGTERM, then SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in descendants():
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue
        if all_ended(_END_SECONDS):
            return


def cpu_seconds() -> float:
    """CPU seconds that the descendants have used, including ended ones."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = ended.ru_utime + ended.ru_stime
    for process in descendants():
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        # A server's own figures include the processes that it has waited for.
        seconds += used.user + used.system + used.children_user + used.children_system
    return seconds


def descendants() -> list[psutil.Process]:
    """Return the processes that this one started or adopted, and their descendants."""
    found: list[psutil.Process] = psutil.Process().children(recursive=True)
    return found
