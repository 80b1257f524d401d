"""Only the command that was asked for is imported, and each is found where the table says."""

import subprocess
import sys

import pytest
from typer.main import get_command

from flows.cli import SUBJECTS, command_line


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_module_has_the_commands_that_the_table_says(subject: str) -> None:
    names = SUBJECTS[subject]

    assert list(get_command(command_line([names[0]])).commands) == list(names)


def test_without_a_command_all_are_there() -> None:
    listed = [name for names in SUBJECTS.values() for name in names]

    for arguments in ([], ["--help"], ["publish"]):
        assert sorted(get_command(command_line(arguments)).commands) == sorted(listed)


@pytest.mark.parametrize(
    ("arguments", "not_needed"),
    [
        (["rejects"], ("prefect", "duckdb", "numpy", "httpx", "flows.churn")),
        # The names of libraries that wait until they are used are there, their parts are not.
        (["--help"], ("prefect", "duckdb.typing", "numpy.linalg", "scipy", "pandas")),
    ],
)
def test_a_command_loads_no_more_than_it_needs(
    arguments: list[str], not_needed: tuple[str, ...]
) -> None:
    program = (
        "import sys\n"
        "from flows import cli\n"
        f"cli.loaded_commands({arguments!r})\n"
        f"print([name for name in {not_needed!r} if name in sys.modules])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
