"""A process that changes Production and is killed with -9 at a place."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pkgutil import resolve_name
from types import ModuleType
from typing import Any
from unittest.mock import patch

from flows.churn.promotion.promote_model import promote_model
from flows.churn.promotion.rollback import roll_back
from flows.churn.run import ChurnRun
from flows.settings import Settings

STAGE = "mlflow.tracking.MlflowClient.transition_model_version_stage"
ALIAS = "mlflow.tracking.MlflowClient.set_registered_model_alias"
LEDGER = "flows.churn.production.ledger.record"

# Each place is a function, and whether it is called before the process is killed.
PLACES = {
    "before the ledger": (LEDGER, False),
    "between ledger and stage": (LEDGER, True),
    "between stage and alias": (STAGE, True),
    "between alias and ledger": (ALIAS, True),
}

# Forks from a process that has imported all of it once, and opened nothing.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["mlflow", "mlflow.store.db.utils", __name__])


def promote_and_die(settings: Settings, run: ChurnRun, place: str) -> None:
    """Run promote_model in a process that is killed at the place."""
    _run(_promote, settings, run, place)


def roll_back_and_die(settings: Settings, place: str) -> None:
    """Run roll_back in a process that is killed at the place."""
    _run(_roll_back, settings, place)


def _run(target: Callable[..., None], *arguments: Any) -> None:
    process = _processes.Process(target=target, args=arguments)
    # The process imports the main module again, and a page of the app may be left in its place.
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def _promote(settings: Settings, run: ChurnRun, place: str) -> None:
    with _killed_at(place):
        promote_model(settings, run)


def _roll_back(settings: Settings, place: str) -> None:
    with _killed_at(place):
        roll_back(settings, why="support is flooded", by="ana")


def _killed_at(place: str) -> Any:
    name, called = PLACES[place]
    owner, _, function = name.rpartition(".")
    original = getattr(resolve_name(owner), function)

    def die(*arguments: Any, **others: Any) -> None:
        if called:
            original(*arguments, **others)
        os.kill(os.getpid(), signal.SIGKILL)

    return patch(name, die)
