"""The home folder, which holds what was delivered, the warehouse and its password."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from flows.settings import Settings

_DEFAULT = Settings.model_fields["home"].default.name
_NOBODY = 65534  # whom root lets run PostgreSQL, in a folder below it
_OF_NOBODY = "postgres"
_OTHERS = 0o077


def keep_home_private(settings: Settings) -> None:
    """Make the home folder if it is missing, for its owner alone.

    One that is there is closed only under the default name: any other may be somebody's shared
    folder. Nothing is raised: who needs the folder says why it cannot be written.
    """
    home = settings.home
    with suppress(OSError):
        home.parent.mkdir(parents=True, exist_ok=True)
        try:
            home.mkdir(mode=0o700)
        except FileExistsError:
            if home.name != _DEFAULT or home.stat().st_uid != os.geteuid():
                return
        if os.geteuid() == 0:
            os.chown(home, 0, _NOBODY)
            home.chmod(0o710)
            _close_what_lies_in(home)
        elif home.stat().st_mode & _OTHERS:
            home.chmod(0o700)


@contextmanager
def private_files(settings: Settings) -> Iterator[None]:
    """Let what is written meanwhile be its owner's alone, where others pass through the home."""
    if not _is_passed_through(settings.home):
        yield
        return
    _closed.enter()
    try:
        yield
    finally:
        _closed.leave()


class _ClosedToOthers:
    """The umask, which all threads share: the first sets it, and the last of them sets it back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._former = 0

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._former = os.umask(_OTHERS)
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                os.umask(self._former)


_closed = _ClosedToOthers()


def _is_passed_through(home: Path) -> bool:
    if os.geteuid() != 0 or not home.is_dir():
        return False
    status = home.stat()
    return (status.st_gid, stat.S_IMODE(status.st_mode)) == (_NOBODY, 0o710)


def _close_what_lies_in(home: Path) -> None:
    # What a former version wrote, or a command without a warehouse.
    for path in home.iterdir():
        # One that another command has just removed leaves none of the others open.
        with suppress(FileNotFoundError):
            status = path.lstat()
            if path.name != _OF_NOBODY and not stat.S_ISLNK(status.st_mode):
                path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
