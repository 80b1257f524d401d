"""Folders for what does not fit into memory, and for copies: gone when their user ends."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from flows.settings import Settings

SCRATCH = "scratch"

_IN_USE = "in use"


@dataclass(frozen=True)
class Copies:
    """Files that killed processes left, and those that are in use or cannot be removed."""

    abandoned: int = 0
    kept: int = 0


@contextmanager
def scratch_folder(settings: Settings) -> Iterator[Path]:
    """Yield an empty folder for copies that may hold people's data.

    In the home, not in the system's folder for temporary files: there, what a killed process left
    would stay, and nobody who forgets a person would look for it.
    """
    with spill_folder(settings.home / SCRATCH) as folder:
        yield folder


@contextmanager
def spill_folder(parent: Path) -> Iterator[Path]:
    """Yield an empty folder in `parent`, and remove it with all that it holds.

    Those that killed processes left there are removed first: by locks, not by process ids, which
    containers that share the folder have in common.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / "lock").open("a") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        _remove_abandoned(parent)
        folder = Path(mkdtemp(dir=parent))
        in_use = (folder / _IN_USE).open("a")
        fcntl.flock(in_use, fcntl.LOCK_EX)
    with in_use:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path, *, dry_run: bool = False) -> Copies:
    """Remove what killed processes left in `parent`; return what that was. A dry run only counts.

    Raises OSError when the folder cannot be read.
    """
    if not parent.is_dir():
        return Copies()
    with (parent / "lock").open("a") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        return _remove_abandoned(parent, dry_run=dry_run)


def _remove_abandoned(parent: Path, *, dry_run: bool = False) -> Copies:
    abandoned = kept = 0
    for folder in parent.iterdir():
        if not folder.is_dir():
            continue
        held = _files_in(folder)
        try:
            with (folder / _IN_USE).open("a") as in_use:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not dry_run:
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # somebody uses it, or has just removed it
            kept += held
            continue
        left = 0 if dry_run else _files_in(folder)
        abandoned += held - left
        kept += left
    return Copies(abandoned, kept)


def _files_in(folder: Path) -> int:
    return sum(name != _IN_USE for _, _, names in os.walk(folder) for name in names)
