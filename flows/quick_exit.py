"""End a process without taking it apart first, as mypy does.

Python frees every module and object before it ends: a twentieth of what a short command costs, and
a tenth of a second where Prefect was imported. Nothing that matters hangs on it: by then threads
have ended, and whatever is registered for the end has run.
"""

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick_exit() -> Iterator[None]:
    """Let the process end at once when what is inside is done, with the exit code that it gave.

    For the outermost call of a program: what was registered earlier for the end does not run. An
    exception other than SystemExit, or output that cannot be written, is left to Python to tell.
    """
    code = 0

    def end() -> None:
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
        except (OSError, ValueError):
            return
        os._exit(code)

    # The first that is registered is the last to be called.
    atexit.register(end)
    try:
        yield
    except SystemExit as ending:
        code = _exit_code(ending)
        raise
    except BaseException:
        atexit.unregister(end)
        raise


def _exit_code(ending: SystemExit) -> int:
    if ending.code is None:
        return 0
    # A text is told, and means failure.
    return ending.code & 0xFF if isinstance(ending.code, int) else 1
