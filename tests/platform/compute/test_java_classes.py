"""Spark starts with the classes that an installation keeps, and never with others."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.paths import REPOSITORY
from flows.platform.compute.java_classes import ARCHIVE, all_classes, java_classes, own_classes
from flows.platform.compute.keep_java_classes import keep_java_classes
from flows.platform.compute.spark import java_home, spark_home
from flows.platform.storage import prepared_files
from flows.platform.storage.prepared_files import prepared
from flows.settings import Settings

pytestmark = pytest.mark.xdist_group("spark")

# Prints which archive Java has mapped into its memory: with -Xshare:on it starts with no other.
_MAPPED = """
import sys
from pathlib import Path
from flows.platform.storage import prepared_files
from flows.settings import Settings
prepared_files.PREPARED = Path(sys.argv[1])
from flows.platform.compute.spark import spark_session
settings = Settings(home=sys.argv[2])
session = spark_session(settings, "a test", 5, java_options=["-Xshare:on"])
assert session.range(3).count() == 3
java = session._jvm.java.lang.management.ManagementFactory.getRuntimeMXBean()
wanted = "-XX:SharedArchiveFile="
(archive,) = [given for given in java.getInputArguments() if given.startswith(wanted)]
print(archive.removeprefix(wanted))
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The installation's folder for what is prepared."""
    monkeypatch.setattr(prepared_files, "PREPARED", tmp_path / "kept")
    java_classes.cache_clear()
    yield tmp_path / "kept"
    java_classes.cache_clear()


def mapped(kept: Path, home: Path) -> str:
    """Start and end a session of its own; return the kind of archive that it used."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _MAPPED, kept, home / "kpi"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    archive = Path(done.stdout.strip())
    assert archive.is_relative_to(kept)
    return archive.parent.name.rpartition("-")[0]


@pytest.mark.long
def test_the_first_session_keeps_javas_own_classes(tmp_path: Path, kept: Path) -> None:
    assert mapped(kept, tmp_path) == "java-base"


@pytest.mark.usefixtures("kept")
def test_by_another_name_a_folder_has_the_same_java(tmp_path: Path) -> None:
    java, link = java_home(Settings()), tmp_path / "java"
    link.symlink_to(java)
    assert own_classes(link) == own_classes(java)


@pytest.mark.usefixtures("kept")
def test_by_another_name_an_environment_has_the_same_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, link = tmp_path / "base", tmp_path / "link"
    base.mkdir()
    (base / ARCHIVE).touch()
    link.symlink_to(base)
    assert all_classes(link) == all_classes(base)
    # Java compares the names of the jars, too.
    really = spark_home()
    package = tmp_path / "pyspark"
    package.symlink_to(really)
    monkeypatch.setattr("pyspark.__file__", str(package / "__init__.py"))
    assert spark_home() == really


@pytest.mark.usefixtures("kept")  # or each later session of the installation starts slowly
def test_all_classes_are_made_again_where_javas_own_were() -> None:
    java = java_home(Settings())
    base = own_classes(java)
    assert base is not None
    before = all_classes(base)
    shutil.rmtree(base)

    assert own_classes(java) == base
    assert all_classes(base) != before


@pytest.mark.long
def test_sessions_map_all_classes_once_they_are_kept(tmp_path: Path) -> None:
    """Those of this installation: to make them takes half a minute, which `make test` has done."""
    assert keep_java_classes(Settings(home=tmp_path))
    assert mapped(prepared_files.PREPARED, tmp_path) == "java-classes"


def test_an_archive_that_was_not_finished_is_not_used(tmp_path: Path, kept: Path) -> None:
    java = java_home(Settings(home=tmp_path))
    base = own_classes(java)
    assert base is not None
    wanted = all_classes(base)
    whole = prepared(wanted.name, wanted.version, half_an_archive)
    assert whole is not None
    assert f"-XX:SharedArchiveFile={whole / 'classes.jsa'}" in options(java)

    (whole / "classes.jsa").write_bytes(b"")

    assert f"-XX:SharedArchiveFile={whole / 'classes.jsa'}" not in options(java)


def half_an_archive(folder: Path) -> None:
    (folder / "classes.jsa").write_bytes(b"half")


def options(java: Path) -> tuple[str, ...]:
    java_classes.cache_clear()
    return java_classes(java).options


def test_the_archive_of_another_java_is_not_used(tmp_path: Path, kept: Path) -> None:
    java = java_home(Settings(home=tmp_path))
    java_classes(java)
    (former,) = kept.glob("java-base-*")
    other = tmp_path / "java"
    for name in ("bin", "conf", "legal", "lib"):
        target = other / name
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(java / name)

    classes = java_classes(other)

    assert not former.exists()
    (now,) = kept.glob("java-base-*")
    assert f"-XX:SharedArchiveFile={now / 'classes.jsa'}" in classes.options


def test_a_java_that_makes_no_archive_starts_without(tmp_path: Path, kept: Path) -> None:
    library = tmp_path / "java" / "lib" / "server" / "libjvm.so"
    library.parent.mkdir(parents=True)
    library.touch()

    assert java_classes(tmp_path / "java").options == ()
    assert not list(kept.glob("java-base-*"))


@pytest.mark.usefixtures("kept")
def test_a_folder_whose_name_has_a_space_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared_files, "PREPARED", tmp_path / "of two words")

    assert java_classes(java_home(Settings(home=tmp_path))).options == ()
    assert not (tmp_path / "of two words").exists()
