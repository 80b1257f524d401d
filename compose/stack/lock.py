"""One command at a time changes the platform of an environment file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compose.stack.paths import shown
from compose.stack.speech import Failed


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Keep other commands off the environment file and its platform.

    Raises Failed when one is at work. The lock is on the file's folder: the file is replaced by
    others, and no file is left behind. It ends with the process, however that ends.
    """
    try:
        folder = os.open(file.resolve().parent, os.O_RDONLY)
    except OSError:
        # What the command needs there, it says itself.
        yield
        return
    # A command that becomes docker keeps it.
    os.set_inheritable(folder, True)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(folder)
        raise Failed(
            f"Another command is changing the platform of {shown(file)}: wait for it to end.",
            os.EX_TEMPFAIL,
        ) from None
    try:
        yield
    finally:
        os.close(folder)
