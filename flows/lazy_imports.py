"""Import large packages faster than usual.

Python's garbage collector keeps scanning the objects that an import creates, though none of them
go: a fifth to a quarter of the import time. Packages also import modules that few users need.
"""

import gc
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from threading import Lock, get_ident
from types import ModuleType

from flows import model_copies

_changing_finders = Lock()


@contextmanager
def quick_imports(
    *, when_used: Collection[str] = (), absent: Collection[str] = ()
) -> Iterator[None]:
    """Turn garbage collection off for imports inside, and exclude their objects from it for good.

    Modules in `when_used` are loaded on first use. Packages in `absent` count as not installed,
    for importers that can do without; modules that are already imported stay.
    """
    collected = gc.isenabled()
    gc.disable()
    finder = _Finder(when_used, absent)
    _add(finder, with_loaded=bool(when_used))
    try:
        yield
    finally:
        _remove(finder)
        gc.freeze()
        if collected:
            gc.enable()


# Another thread may be asking one finder after the other just now. In a list that gets shorter
# meanwhile it would leave one out, and find no module: so it keeps the list that it has.
def _add(finder: MetaPathFinder, *, with_loaded: bool) -> None:
    with _changing_finders:
        is_there = any(isinstance(other, _LoadedMeanwhile) for other in sys.meta_path)
        loaded = [_LoadedMeanwhile()] if with_loaded and not is_there else []
        sys.meta_path = [finder, *loaded, *sys.meta_path]


def _remove(finder: MetaPathFinder) -> None:
    with _changing_finders:
        sys.meta_path = [other for other in sys.meta_path if other is not finder]


class _Finder(MetaPathFinder):
    """Runs before the other finders, and only for the thread that created it."""

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
        if fullname not in self._when_used and fullname != model_copies.MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        if fullname == model_copies.MODULE:
            return model_copies.with_quick_copies(spec)
        spec.loader = _WhenUsed(spec.loader)
        return spec


class _WhenUsed(LazyLoader):
    """Loads a module on first use, not when it is imported again."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        waits = type(module)

        # Subclass of Python's own class for lazy modules, which has no public name.
        class Waits(waits):  # type: ignore[misc, valid-type]
            def __getattribute__(self, name: str) -> object:
                # All that an import reads from a module in sys.modules.
                if name == "__spec__":
                    return object.__getattribute__(self, name)
                return super().__getattribute__(name)

        module.__class__ = Waits


class _LoadedMeanwhile(MetaPathFinder, Loader):
    """Finds a submodule that its package loaded while it was being imported.

    Before looking for a submodule, Python reads the package's path. That loads a lazy package,
    possibly with the submodule: Python would run it a second time, and there would be two classes
    of each name, of which an `except` catches one.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        # A reload passes a target, and must run again.
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
