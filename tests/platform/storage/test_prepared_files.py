"""What is prepared once: used when it is whole and of this version, else made again."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.platform.storage import prepared_files as module
from flows.platform.storage.prepared_files import prepared


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installation's folder."""
    monkeypatch.setattr(module, "PREPARED", tmp_path / "prepared")
    return tmp_path / "prepared"


@pytest.fixture
def made() -> list[str]:
    """The texts that were made, in their order."""
    return []


@pytest.fixture
def make(made: list[str]) -> Callable[[str], Callable[[Path], None]]:
    """Makes a folder with one file in a folder."""

    def of(text: str) -> Callable[[Path], None]:
        def make_folder(folder: Path) -> None:
            made.append(text)
            (folder / "inside").mkdir()
            (folder / "inside" / "file").write_text(text)

        return make_folder

    return of


Make = Callable[[str], Callable[[Path], None]]


def read(found: Path | None) -> str:
    assert found is not None
    return (found / "inside" / "file").read_text()


@pytest.mark.usefixtures("folder")
def test_it_is_made_once_for_a_version(make: Make, made: list[str]) -> None:
    assert read(prepared("database", "1", make("one"))) == "one"
    assert read(prepared("database", "1", make("again"))) == "one"
    assert read(prepared("archive", "1", make("other"))) == "other"

    assert made == ["one", "other"]


def test_another_version_takes_its_place(folder: Path, make: Make) -> None:
    former = prepared("database", "1", make("one"))

    assert read(prepared("database", "2", make("two"))) == "two"

    assert former is not None
    assert not former.exists()
    assert len(list(folder.glob("database-*"))) == 1


@pytest.mark.parametrize("damage", ["cut", "gone", "unfinished", "said otherwise"])
@pytest.mark.usefixtures("folder")
def test_what_is_not_whole_is_made_again(damage: str, make: Make) -> None:
    found = prepared("database", "1", make("one"))
    assert found is not None
    file = found / "inside" / "file"
    if damage == "cut":
        file.write_text("o")
    elif damage == "gone":
        file.unlink()
    elif damage == "unfinished":
        (found / "complete.json").unlink()
    else:
        (found / "complete.json").write_text('{"version": "1", "sizes"')

    assert read(prepared("database", "1", make("new"))) == "new"


def test_what_was_interrupted_is_never_used(folder: Path, make: Make) -> None:
    def interrupted(unfinished: Path) -> None:
        (unfinished / "half").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepared("database", "1", interrupted)

    assert list(folder.glob("database-*")) == []
    assert read(prepared("database", "1", make("one"))) == "one"


@pytest.mark.usefixtures("folder")
def test_what_killed_processes_left_goes_with_the_next(folder: Path, make: Make) -> None:
    left = folder / "database-unfinished-abc"
    left.mkdir(parents=True)

    prepared("database", "1", make("one"))

    assert not left.exists()


@pytest.mark.usefixtures("folder")
def test_without_it_callers_go_on() -> None:
    def fails(unfinished: Path) -> None:
        raise subprocess.CalledProcessError(1, "make")

    assert prepared("database", "1", fails) is None


def test_where_nothing_can_be_written_callers_go_on(folder: Path, make: Make) -> None:
    folder.write_text("a file where the folder would be")

    assert prepared("database", "1", make("one")) is None


def test_where_the_installation_is_read_only_it_is_kept_elsewhere(
    folder: Path, tmp_path: Path, make: Make, made: list[str]
) -> None:
    folder.write_text("a file where the folder would be")
    home = tmp_path / "home"

    for _ in range(2):
        assert read(prepared("database", "1", make("one"), otherwise=home)) == "one"

    assert made == ["one"]


def test_what_the_installation_keeps_is_kept_nowhere_else(
    folder: Path, tmp_path: Path, make: Make
) -> None:
    prepared("database", "1", make("one"), otherwise=tmp_path / "home")

    assert not (tmp_path / "home").exists()
    assert folder.exists()


def test_other_users_of_the_installation_read_it_whatever_the_umask(
    folder: Path, make: Make
) -> None:
    umask = os.umask(0o077)
    try:
        made = prepared("thing", "1", make("first"))
    finally:
        os.umask(umask)
    assert made is not None
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, made, *made.rglob("*"))}
    assert modes == {
        **dict.fromkeys((folder, made, made / "inside"), 0o755),
        **dict.fromkeys((made / "complete.json", made / "inside" / "file"), 0o644),
    }
