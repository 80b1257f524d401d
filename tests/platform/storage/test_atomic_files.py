"""A file or folder appears whole or not at all."""

from datetime import date
from pathlib import Path

import pytest

from flows.platform.storage.atomic_files import copy_once, read_json, replacing, write_json


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "below" / "file"
    for content in ("first", "second"):
        with replacing(path) as temporary:
            temporary.write_text(content)
            assert not path.exists() or path.read_text() == "first"
        assert path.read_text() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    for name in ("first", "second"):
        with replacing(path) as temporary:
            temporary.mkdir()
            (temporary / name).touch()
    assert [file.name for file in path.iterdir()] == ["second"]
    assert list(tmp_path.iterdir()) == [path]


def stop_halfway(path: Path, *, folder: bool) -> None:
    with replacing(path) as temporary:
        if folder:
            temporary.mkdir()
            (temporary / "half").touch()
        else:
            temporary.write_text("half")
        raise KeyboardInterrupt


@pytest.mark.parametrize("folder", [True, False])
def test_after_an_error_everything_is_as_it_was(folder: bool, tmp_path: Path) -> None:
    path = tmp_path / "path"
    path.mkdir() if folder else path.touch()
    with pytest.raises(KeyboardInterrupt):
        stop_halfway(path, folder=folder)
    assert list(tmp_path.iterdir()) == [path]
    assert path.is_dir() == folder
    assert not folder or list(path.iterdir()) == []


def test_nothing_was_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "file"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_json_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "content.json"
    write_json(path, {"día": date(2026, 6, 30), "where": tmp_path, "numbers": [1, 0.1, None]})
    found = read_json(path)
    assert found == {"día": "2026-06-30", "where": str(tmp_path), "numbers": [1, 0.1, None]}
    assert "día" in path.read_text(encoding="utf-8")


def test_a_copy_never_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("one")
    (tmp_path / "two").write_text("two")

    for source in ("one", "two"):
        copy_once(tmp_path / source, tmp_path / "copy")

    assert (tmp_path / "copy").read_text() == "one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "one", "two"]
