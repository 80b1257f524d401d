"""Files that appear whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from pydantic import TypeAdapter

Kind = TypeVar("Kind")


@contextmanager
def replacing(path: Path, *, as_old: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; what is written there replaces it at the end.

    Works for a file and for a folder. After an error `path` is as it was before. With `as_old`, the
    new file counts as old as the former one, and its folder as before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    times = _as_old_as_before(path.parent, path) if as_old else nullcontext()
    with times, _replaced(path, temporary):
        yield temporary


@contextmanager
def _as_old_as_before(*paths: Path) -> Iterator[None]:
    before = {path: path.stat() for path in paths if path.exists()}
    yield
    for path, status in before.items():
        with suppress(OSError):  # somebody else's folder
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@contextmanager
def _replaced(path: Path, temporary: Path) -> Iterator[None]:
    try:
        yield
        if path.is_dir():
            # A folder cannot be replaced atomically; for a moment `path` does not exist.
            former = path.with_name(f"{temporary.name}.former")
            path.rename(former)
            temporary.rename(path)
            shutil.rmtree(former)
        else:
            temporary.replace(path)
    finally:
        _remove(temporary)


def copy_once(source: Path, target: Path) -> None:
    """Copy a file atomically; a target that somebody created meanwhile stays."""
    temporary = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
    shutil.copyfile(source, temporary)
    try:
        with suppress(FileExistsError):
            os.link(temporary, target)
    finally:
        temporary.unlink()


def write_json(path: Path, content: Any) -> None:
    """Write `content` as JSON; types that JSON lacks (dates, paths) become text."""
    with replacing(path) as temporary:
        text = json.dumps(content, indent=2, default=str, ensure_ascii=False)
        temporary.write_text(f"{text}\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Return what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_json_as(path: Path, kind: type[Kind]) -> Kind:
    """Read a dataclass that `write_json` wrote; dates are dates again."""
    return TypeAdapter(kind).validate_json(path.read_bytes())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
