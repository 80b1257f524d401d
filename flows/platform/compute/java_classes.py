"""Java's and Spark's classes as archives that Java maps into memory, instead of loading them.

Loading and checking some 10,000 classes is half of what a start of Spark costs. The archive of
Java's own takes a second to make: an installation's first session does. That of all classes costs
as much as several starts, and 150 MB of disk: `keep_java_classes` makes it, for who starts often.
"""

import subprocess
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version as package_version
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
    # Spark's scripts split options at spaces.
    if len(str(prepared_files.PREPARED).split()) > 1:
        return JavaClasses()
    base = own_classes(java_home)
    if base is None:
        return JavaClasses()
    all_of_them = all_classes(base)
    whole = found(all_of_them.name, all_of_them.version)
    return JavaClasses(_use(whole or base), _use(base))


def own_classes(java_home: Path) -> Path | None:
    """Return the folder with the archive of this Java's own classes; None where there can be none.

    It is made if it is missing.
    """
    # A folder that is reached by two names has one Java: each would make its archive anew.
    library = java_home.resolve() / "lib" / "server" / "libjvm.so"
    if not library.exists():
        return None
    of_file = library.stat()
    version = f"{library} {of_file.st_size} {of_file.st_mtime_ns}"
    return prepared("java-base", version, partial(_make, java_home))


def all_classes(base: Path) -> Kept:
    """Return the archive of Java's and Spark's classes that builds on the one of Java's own.

    Java refuses it with any other, even one that the same Java made.
    """
    made = (base / ARCHIVE).stat().st_mtime_ns
    spark = package_version("pyspark")
    return Kept("java-classes", f"{base.resolve()} made {made} Spark {spark}")


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
