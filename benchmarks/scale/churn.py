"""Churn at several numbers of users: from the five files to features, and a fit."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.churn import work
from benchmarks.churn.child import Outcome, run_in_child
from benchmarks.churn.place import Place, deliver
from benchmarks.scale.growth import Growth

# By the benchmark's names: the fit that training repeats for each strength of its grid.
_WORK = {"churn, files to features": work.BOTH, "churn, one fit with Spark": work.TRAINING[0]}


def grow_users(
    folder: Path, sizes: Sequence[int], check: int, say: Callable[[str], None]
) -> list[Growth]:
    """Return how CPU seconds and memory of the processes grow with the users."""
    done = {users: _measure(folder / str(users), users, say) for users in (*sizes, check)}
    return [
        Growth(
            name,
            unit,
            {users: figure(done[users][name]) for users in sizes},
            check,
            figure(done[check][name]),
        )
        for name in _WORK
        for unit, figure in (("CPU s", _cpu), ("MB", _memory))
    ]


def _measure(root: Path, users: int, say: Callable[[str], None]) -> dict[str, Outcome]:
    say(f"{users:,} users: making up a delivery")
    place = Place(root)
    deliver(place, users)
    found = {}
    for name, what in _WORK.items():
        say(f"  {name}")
        found[name] = run_in_child(place, what)
    shutil.rmtree(root)
    return found


def _cpu(outcome: Outcome) -> float:
    return outcome.cpu


def _memory(outcome: Outcome) -> float:
    return outcome.peak_memory_mb
