"""Warnings of libraries that say nothing to our users."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

_ALONE = RLock()


@contextmanager
def without_warnings(kind: type[Warning] = Warning) -> Iterator[None]:
    """Ignore warnings of a kind inside.

    One thread at a time: all share Python's filters, and of two that overlapped the last one would
    set back what the first had set, so that nothing was ever warned of again.
    """
    with _ALONE, warnings.catch_warnings():
        warnings.simplefilter("ignore", kind)
        yield
