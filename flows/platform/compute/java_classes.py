"""Java's and Spark's classes as an archive that Java maps into memory, instead of loading them.

Loading and checking some 10,000 classes is half of what a start of Spark costs. Making the archive
costs several times what one start saves, and 120 to 180 MB of disk: so an installation's first
session makes only that of Java's own classes, which takes a second. The second session leaves the
archive of all its classes behind, and later ones use it.
"""

import fcntl
import logging
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from flows.platform.storage import prepared_files
from flows.platform.storage.prepared_files import found, prepared

logger = logging.getLogger(__name__)

_BASE, _ALL = "java-base", "java-classes"
_FILE = "classes.jsa"
_MAKE_SECONDS = 60
# Java would tell on stdout which classes it leaves out, or that an archive is not its own.
_SILENT = ("-Xlog:disable", "-Xlog:all=error:stderr")


@dataclass(frozen=True)
class JavaClasses:
    """Options for Java, among them those for the launcher, which ends before Spark starts.

    `keep` is called with Java's exit code once it has ended.
    """

    options: tuple[str, ...] = ()
    of_launcher: tuple[str, ...] = ()
    keep: Callable[[int | None], None] = lambda _: None


@cache
def java_classes(java_home: Path) -> JavaClasses:
    """Return what this process starts Java with; no options where nothing can be kept."""
    library = java_home / "lib" / "server" / "libjvm.so"
    # Spark's scripts split options at spaces.
    if not library.exists() or len(str(prepared_files.PREPARED).split()) > 1:
        return JavaClasses()
    of_file = library.stat()
    of_java = f"{library} {of_file.st_size} {of_file.st_mtime_ns}"
    was_there = found(_BASE, of_java)
    base = was_there or prepared(_BASE, of_java, partial(_make_base, java_home))
    if base is None:
        return JavaClasses()
    of_launcher = _use(base)
    of_all = f"{of_java} Spark {version('pyspark')}"
    if whole := found(_ALL, of_all):
        return JavaClasses(_use(whole), of_launcher)
    if was_there and (new := _only_maker()):
        logger.info(
            "As it ends, Java keeps its classes for later starts; this takes a while, once."
        )
        options = (*of_launcher, f"-XX:ArchiveClassesAtExit={new}")
        return JavaClasses(options, of_launcher, partial(_keep, new, of_all))
    return JavaClasses(of_launcher, of_launcher)


def _use(folder: Path) -> tuple[str, ...]:
    return (f"-XX:SharedArchiveFile={folder / _FILE}", *_SILENT)


def _make_base(java_home: Path, folder: Path) -> None:
    java = java_home / "bin" / "java"
    subprocess.run(
        [java, "-Xshare:dump", f"-XX:SharedArchiveFile={folder / _FILE}", "-XX:+UseSerialGC"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_MAKE_SECONDS,
        check=True,
    )


def _only_maker() -> Path | None:
    """Return the file to make, until this process ends; None while another one makes it."""
    try:
        # Open, and so locked, until the process ends.
        making = os.open(prepared_files.PREPARED / f"{_ALL}.making", os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(making, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    return prepared_files.PREPARED / f"{_ALL}.jsa"


def _keep(new: Path, of_all: str, exit_code: int | None) -> None:
    """Keep the archive that Java wrote as it ended; one that it did not finish is removed."""
    try:
        if exit_code == 0 and new.exists():
            prepared(_ALL, of_all, lambda folder: _move(new, folder / _FILE))
        new.unlink(missing_ok=True)
    except OSError as error:
        logger.debug("%s stays: %s", new, error)


def _move(file: Path, to: Path) -> None:
    file.rename(to)
