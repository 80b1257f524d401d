"""A piece of work in a process that is killed with -9 at a place."""

import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass
from functools import partial
from pkgutil import resolve_name
from types import ModuleType
from typing import Any
from unittest.mock import patch

from flows.local.machine import wait_until
from flows.platform.warehouse.connection import connect
from flows.settings import Settings

_NOTICED_IN_SECONDS = 60
# Forks from a process that has imported all of it once, and opened nothing.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.environment.imported_mlflow", __name__])


@dataclass(frozen=True)
class Place:
    """A call of a function, the first or a later one: the process dies before or after it."""

    function: str
    after: bool = False
    call: int = 1


def killed_at(place: Place, work: partial[object]) -> None:
    """Do the work in a process that is killed at the place; fail where it never gets there.

    `work` is a function of a module, and its arguments, of which the first are the settings.
    Returns when the warehouse has noticed that nobody is there any more.
    """
    settings: Settings = work.args[0]
    before = _connections(settings)
    process = _processes.Process(target=_work_and_die, args=(place, work))
    # The process imports the main module again, and a page of the app may be left in its place.
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert wait_until(lambda: _connections(settings) <= before, _NOTICED_IN_SECONDS)


def _connections(settings: Settings) -> set[int]:
    """Process ids of the servers of others who are connected with the database."""
    with connect(settings, "who is there", autocommit=True) as connection:
        others = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
    return {other["pid"] for other in others}


def _work_and_die(place: Place, work: partial[object]) -> None:
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
