"""Cache files that take seconds to make and are always the same: made once per installation.

Kept beside the installed packages, because they depend on their versions.
"""

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from flows.platform.storage.atomic_files import write_json

logger = logging.getLogger(__name__)

PREPARED = Path(sys.prefix) / "share" / "kpi-delivery"

_COMPLETE = "complete.json"


def prepared(
    name: str, version: str, make: Callable[[Path], None], *, otherwise: Path | None = None
) -> Path | None:
    """Return the folder that `make` filled for this version, filled now if missing.

    `version` names everything it depends on. Folders of another version, incomplete or unfinished
    ones are removed, never used. Where the installation is not writable, as in an image, it is
    kept in the folder `otherwise`. Returns None when that is not writable either, or `make`
    failed: callers go on without.
    """
    for place in (PREPARED, otherwise):
        if place is None:
            continue
        if there := _found(place, name, version):
            return there
        try:
            return _prepared(place, name, version, make)
        except OSError as error:
            logger.debug("%s is not prepared in %s: %s", name, place, error)
        except subprocess.SubprocessError as error:
            logger.debug("%s is not prepared: %s", name, error)
            break
    return None


def found(name: str, version: str) -> Path | None:
    """Return the folder that `prepared` made for this version; None while there is none."""
    return _found(PREPARED, name, version)


def _found(place: Path, name: str, version: str) -> Path | None:
    folder = _folder(place, name, version)
    return folder if _is_whole(folder, version) else None


def _folder(place: Path, name: str, version: str) -> Path:
    return place / f"{name}-{sha256(version.encode()).hexdigest()[:16]}"


def _prepared(place: Path, name: str, version: str, make: Callable[[Path], None]) -> Path | None:
    folder = _folder(place, name, version)
    place.mkdir(parents=True, exist_ok=True)
    if place.stat().st_uid == os.geteuid():
        place.chmod(0o755)
    with (place / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Another process may have made it meanwhile.
        if not _is_whole(folder, version):
            _make(folder, name, version, make)
    return folder if _is_whole(folder, version) else None


def _make(folder: Path, name: str, version: str, make: Callable[[Path], None]) -> None:
    for former in folder.parent.glob(f"{name}-*"):
        shutil.rmtree(former, ignore_errors=True)
    unfinished = Path(mkdtemp(prefix=f"{name}-unfinished-", dir=folder.parent))
    try:
        make(unfinished)
        write_json(unfinished / _COMPLETE, {"version": version, "sizes": _sizes(unfinished)})
        # Readable for other users of the installation, whatever the umask: nothing in it is secret.
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _is_whole(folder: Path, version: str) -> bool:
    try:
        recorded = json.loads((folder / _COMPLETE).read_text(encoding="utf-8"))
        return bool(recorded == {"version": version, "sizes": _sizes(folder)})
    except (OSError, ValueError):
        return False


def _sizes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / _COMPLETE
    }
