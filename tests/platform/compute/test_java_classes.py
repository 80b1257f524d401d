"""Spark starts with the classes that an earlier session kept, and never with others."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.paths import REPOSITORY
from flows.platform.compute.java_classes import java_classes
from flows.platform.compute.spark import java_home
from flows.platform.storage import prepared_files
from flows.settings import Settings

pytestmark = pytest.mark.xdist_group("spark")

# Prints which archives Java has mapped into its memory.
_MAPPED = """
import sys
from pathlib import Path
from flows.platform.storage import prepared_files
from flows.settings import Settings
prepared_files.PREPARED = Path(sys.argv[1])
from flows.platform.compute.spark import spark_session
session = spark_session(Settings(home=sys.argv[2]), "a test", 5)
assert session.range(3).count() == 3
maps = Path(f"/proc/{session.sparkContext._gateway.proc.pid}/maps").read_text()
print(*sorted({line.split()[-1] for line in maps.splitlines() if line.endswith(".jsa")}))
if sys.argv[3:] == ["killed"]:
    session.sparkContext._gateway.proc.kill()
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The installation's folder for what is prepared."""
    monkeypatch.setattr(prepared_files, "PREPARED", tmp_path / "kept")
    java_classes.cache_clear()
    yield tmp_path / "kept"
    java_classes.cache_clear()


def mapped(kept: Path, *how: str) -> list[str]:
    """Start and end a session of its own; return the kinds of archives that it used."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _MAPPED, kept, kept.parent / "kpi", *how],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    files = [Path(name) for name in done.stdout.split()]
    assert all(file.is_relative_to(kept) for file in files)
    return sorted(file.parent.name.rpartition("-")[0] for file in files)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux shows what a process has mapped.")
def test_the_second_session_keeps_its_classes_for_the_third(kept: Path) -> None:
    assert mapped(kept) == ["java-base"]
    assert mapped(kept, "killed") == ["java-base"]
    assert not list(kept.glob("java-classes-*"))
    assert not list(kept.glob("*.jsa"))
    assert mapped(kept) == ["java-base"]
    assert mapped(kept) == ["java-base", "java-classes"]
    assert not list(kept.glob("*.jsa"))


def test_only_one_process_makes_the_archive_and_not_the_first(tmp_path: Path, kept: Path) -> None:
    java = java_home(Settings(home=tmp_path))

    def makes() -> bool:
        java_classes.cache_clear()
        return any("ArchiveClassesAtExit" in option for option in java_classes(java).options)

    assert [makes(), makes(), makes()] == [False, True, False]
    assert len(list(kept.glob("java-base-*"))) == 1


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
