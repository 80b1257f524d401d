"""A piece of work in a process that is killed with -9 at a place."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from types import ModuleType
from typing import Any
from unittest.mock import patch

# Forks from a process that has imported all of it once, and opened nothing.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["mlflow", "mlflow.store.db.utils", __name__])


@dataclass(frozen=True)
class Place:
    """A call of a function, the first or a later one: the process dies before or after it."""

    function: str
    after: bool = False
    call: int = 1


def killed_at(place: Place, work: Callable[[], object]) -> None:
    """Do the work in a process that is killed at the place; fail where it never gets there.

    `work` can be pickled, as a function of a module or a `partial` of one.
    """
    process = _processes.Process(target=_work_and_die, args=(place, work))
    # The process imports the main module again, and a page of the app may be left in its place.
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def _work_and_die(place: Place, work: Callable[[], object]) -> None:
    owner, _, function = place.function.rpartition(".")
    original = getattr(resolve_name(owner), function)
    calls = 0

    def die(*arguments: Any, **others: Any) -> Any:
        nonlocal calls
        calls += 1
        last = calls == place.call
        if last and not place.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **others)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with patch(place.function, die):
        work()
