"""Import large packages for less than they cost by themselves.

Python's collector looks at all that an import makes again and again, though none of it goes: a
fifth to a quarter of the time. And packages import what only some of their users need.
"""

import gc
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
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
    if when_used and not any(isinstance(other, _LoadedMeanwhile) for other in sys.meta_path):
        sys.meta_path.insert(0, _LoadedMeanwhile())
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
            spec.loader = _WhenUsed(spec.loader)
        return spec


class _WhenUsed(LazyLoader):
    """Loads a module when somebody uses it, and not when somebody imports it again."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        waits = type(module)

        # Python's own class of what waits, which has no name to import.
        class Waits(waits):  # type: ignore[misc, valid-type]
            def __getattribute__(self, name: str) -> object:
                # All that an import asks of a module that is there.
                if name == "__spec__":
                    return object.__getattribute__(self, name)
                return super().__getattribute__(name)

        module.__class__ = Waits


class _LoadedMeanwhile(MetaPathFinder, Loader):
    """Finds a module that its package has loaded since somebody asked for it.

    Python asks a package for its path before it looks for a part of it. One that waited to be used
    is loaded then, with the part: Python would run that a second time, and there would be two
    classes of each name, of which an `except` catches one.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        # A reload has a target, and means it.
        if target is not None or fullname not in sys.modules:
            return None
        return ModuleSpec(fullname, self, is_package=hasattr(sys.modules[fullname], "__path__"))

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = sys.modules[spec.name]
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__ = module.__spec__.loader_state
