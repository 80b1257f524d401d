"""Java's and Spark's classes as archives that Java maps into memory, instead of loading them.

Loading and checking some 10,000 classes is half of what a start of Spark costs. The archive of
Java's own takes a second to make: an installation's first session does. That of all classes costs
as much as several starts, and 150 MB of disk: `keep_java_classes` makes it, for who starts often.
"""

import subprocess
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

from flows.platform.storage import prepared_files
from flows.platform.storage.prepared_files import found, prepared

ARCHIVE = "classes.jsa"
_MAKE_SECONDS = 60
# Java would tell on stdout which classes it leaves out, or that an archive is not its own.
_SILENT = ("-Xlog:disable", "-Xlog:all=error:stderr")


@dataclass(frozen=True)
class JavaClasses:
    """Options for Java, and those for Spark's launcher, a Java of its own that ends before it."""

    options: tuple[str, ...] = ()
    of_launcher: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kept:
    """What `prepared` and `found` want: an archive's name, and what it depends on."""

    name: str
    version: str


@cache
def java_classes(java_home: Path) -> JavaClasses:
    """Return what this process starts Java with; no options where nothing can be kept."""
    own, all_of_them = own_classes(java_home), all_classes(java_home)
    # Spark's scripts split options at spaces.
    if own is None or all_of_them is None or len(str(prepared_files.PREPARED).split()) > 1:
        return JavaClasses()
    base = prepared(own.name, own.version, partial(_make, java_home))
    if base is None:
        return JavaClasses()
    whole = found(all_of_them.name, all_of_them.version)
    return JavaClasses(_use(whole or base), _use(base))


def own_classes(java_home: Path) -> Kept | None:
    """Return the archive of this Java's own classes; None for a Java that has none."""
    library = java_home / "lib" / "server" / "libjvm.so"
    if not library.exists():
        return None
    of_file = library.stat()
    return Kept("java-base", f"{library} {of_file.st_size} {of_file.st_mtime_ns}")


def all_classes(java_home: Path) -> Kept | None:
    """Return the archive of this Java's and Spark's classes, which builds on Java's own."""
    own = own_classes(java_home)
    return own and Kept("java-classes", f"{own.version} Spark {version('pyspark')}")


def _use(folder: Path) -> tuple[str, ...]:
    return (f"-XX:SharedArchiveFile={folder / ARCHIVE}", *_SILENT)


def _make(java_home: Path, folder: Path) -> None:
    java = java_home / "bin" / "java"
    subprocess.run(
        [java, "-Xshare:dump", f"-XX:SharedArchiveFile={folder / ARCHIVE}", "-XX:+UseSerialGC"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_MAKE_SECONDS,
        check=True,
    )
