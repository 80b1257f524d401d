"""Tests write into memory where that is possible, and where somebody says otherwise, there."""

import os
from pathlib import Path

import pytest

from tests.environment.temporary_folder import prefer_memory

ROOT = "PYTEST_DEBUG_TEMPROOT"


@pytest.fixture(autouse=True)
def _nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (ROOT, "TMPDIR"):
        monkeypatch.delenv(name, raising=False)
    # So that what is chosen here ends with the test.
    monkeypatch.setattr(os, "environ", {**os.environ})


def test_memory_with_room_is_chosen(tmp_path: Path) -> None:
    prefer_memory(tmp_path, room=1)
    assert Path(os.environ[ROOT]).is_relative_to(tmp_path)


@pytest.mark.parametrize("name", [ROOT, "TMPDIR"])
def test_who_names_a_folder_has_it(tmp_path: Path, name: str) -> None:
    os.environ[name] = "mine"
    prefer_memory(tmp_path, room=1)
    assert os.environ.get(ROOT) == ("mine" if name == ROOT else None)


def test_no_memory_or_no_room_leaves_it_as_it_was(tmp_path: Path) -> None:
    prefer_memory(tmp_path / "nowhere", room=0)
    prefer_memory(tmp_path, room=2**60)
    assert ROOT not in os.environ
