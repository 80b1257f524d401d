"""A full disk, in whatever words a library tells of it: one sentence that names the folder."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

MEGABYTE = 2**20

_NEARLY_NOTHING = 64  # what failed was removed meanwhile
_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
# Java's and PostgreSQL's words, then SQLite's, then those of a quota.
_WORDS = ("No space left on device", "database or disk is full", "Disk quota exceeded")


def full_disk(error: BaseException, home: Path) -> str | None:
    """Return the sentence for an error that a full disk caused; None for any other error.

    None also for the warehouse's errors: its disk may be elsewhere, and it says so itself. `home`
    is the settings' folder: libraries often do not say where they wrote.
    """
    caused = [found for found in _causes(error) if _tells_of_it(found)]
    if not caused:
        return None
    if any(getattr(found, "sqlstate", None) for found in caused):
        return None
    places = [_existing(home), Path(tempfile.gettempdir())]
    folder = _named_folder(caused) or min(places, key=_free)
    if _free(folder) > _NEARLY_NOTHING:
        where = "A disk is full, and it is none of " + " and ".join(map(str, places))
    else:
        where = f"The disk is full: {_free(folder)} MB are left in {folder}"
    return f"{where}. No step is half done: make room there, then run again."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _tells_of_it(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return True
    return any(words in str(error) for words in _WORDS)


def _named_folder(errors: list[BaseException]) -> Path | None:
    for error in errors:
        name = getattr(error, "filename2", None) or getattr(error, "filename", None)
        if isinstance(name, str):
            return _existing(Path(name).absolute().parent)
    return None


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free // MEGABYTE


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())
