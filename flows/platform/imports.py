"""Import large packages for less than they cost by themselves.

Python's collector looks at all that an import makes again and again, though none of it goes: a
fifth to a quarter of the time. And packages import what only some of their users need.
"""

import gc
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from threading import get_ident
from types import ModuleType


@contextmanager
def quick_imports(
    *, when_used: Collection[str] = (), absent: Collection[str] = ()
) -> Iterator[None]:
    """Import inside while the collector rests; what was imported is never looked at again.

    Modules in `when_used` are loaded when somebody first uses them. Packages in `absent` count as
    not installed, for importers that do without; what is imported already, stays.
    """
    collected = gc.isenabled()
    gc.disable()
    finder = _Finder(when_used, absent)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        gc.freeze()
        if collected:
            gc.enable()


class _Finder(MetaPathFinder):
    """Answers before the others do, and only to the thread that made it."""

    def __init__(self, when_used: Collection[str], absent: Collection[str]) -> None:
        self._when_used = when_used
        self._absent = absent
        self._thread = get_ident()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if get_ident() != self._thread:
            return None
        if fullname in self._absent:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)
        if fullname not in self._when_used:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
