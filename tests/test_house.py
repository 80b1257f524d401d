"""The house stays readable: few files in a folder, short files, a layer for each room."""

import ast
import statistics
from pathlib import Path

import pytest

from flows.paths import REPOSITORY

PRODUCT = ("flows", "app", "compose", "hosted", "supply_chain", "deployments")
ALL = (*PRODUCT, "benchmarks", "docs", "tests")
MOST_FILES, MOST_LINES, USUAL_LINES = 14, 300, 90


def python_files(*places: str) -> list[Path]:
    """Every Python file below these folders, without those that only make a package."""
    found = [path for place in places for path in (REPOSITORY / place).rglob("*.py")]
    return [path for path in found if path.stat().st_size and ".venv" not in path.parts]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_folder_holds_more_files_than_one_can_look_over() -> None:
    folders: dict[Path, int] = {}
    for path in python_files(*ALL):
        if path.name != "__init__.py":
            folders[path.parent] = folders.get(path.parent, 0) + 1
    assert {str(folder): count for folder, count in folders.items() if count > MOST_FILES} == {}


@pytest.mark.parametrize("place", ALL)
def test_no_file_is_longer_than_one_can_read_at_once(place: str) -> None:
    assert [str(path) for path in python_files(place) if lines(path) > MOST_LINES] == []


def test_most_files_are_short() -> None:
    assert statistics.median(map(lines, python_files(*PRODUCT))) <= USUAL_LINES


def test_no_test_imports_prefect_while_tests_are_collected() -> None:
    """It reads its settings when it is imported: every test of the process would have those."""
    early = [
        f"{path}, line {statement.lineno}"
        for path in python_files("tests")
        if path.name.startswith(("test_", "conftest"))
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for name in [getattr(statement, "module", None) or statement.names[0].name]
        if name.partition(".")[0] == "prefect"
    ]
    assert early == []
