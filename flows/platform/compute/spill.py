"""Folders for what does not fit into memory, and for copies: gone when their user ends."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from flows.settings import Settings

SCRATCH = "scratch"

_IN_USE = "in use"


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


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.iterdir():
        if not folder.is_dir():
            continue
        try:
            with (folder / _IN_USE).open("a") as in_use:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # somebody uses it, or has just removed it
            continue
