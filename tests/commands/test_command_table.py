"""All commands are listed without importing one, and only the one that is run is imported."""

import inspect
import subprocess
import sys
from importlib import import_module
from typing import cast

import pytest
import typer
from click import Context
from typer.core import TyperGroup
from typer.main import get_command

from flows.cli import SUBJECTS, command_line, imported_command
from flows.commands.summaries import SUMMARIES

# No command needs them to be listed, and those that do not use them start without them.
HEAVY = ("evidently", "great_expectations", "mlflow", "pandas", "prefect", "pyspark", "scipy")


def test_each_command_is_listed_once_with_the_first_line_of_its_help() -> None:
    said = {
        name: inspect.cleandoc(imported_command(name).help or "").partition("\n\n")[0]
        for names in SUBJECTS.values()
        for name in names
    }

    assert {name: text.replace("\n", " ") for name, text in said.items()} == SUMMARIES
    assert sum(len(names) for names in SUBJECTS.values()) == len(SUMMARIES)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_module_has_the_commands_that_the_table_says(subject: str) -> None:
    app = typer.Typer(callback=lambda: None)
    import_module(f"flows.commands.{subject}").register(app)

    assert list(cast(TyperGroup, get_command(app)).commands) == list(SUBJECTS[subject])


@pytest.mark.parametrize("name", ["run", "rejects"])
def test_the_command_that_is_found_is_the_imported_one(name: str) -> None:
    group = cast(TyperGroup, get_command(command_line()))

    found, command, rest = group.resolve_command(Context(group), [name, "--format", "json"])

    assert (found, rest) == (name, ["--format", "json"])
    assert command
    assert command.params


@pytest.mark.parametrize(
    ("arguments", "not_needed"),
    [
        (["--help"], (*HEAVY, "duckdb", "httpx", "numpy", "psycopg", "pydantic")),
        (
            ["rejects", "--help"],
            (*HEAVY, "duckdb", "httpx", "numpy", "flows.churn", "flows.crypto_events.repair.plan"),
        ),
        (
            ["psql", "--help"],
            (*HEAVY, "httpx", "psycopg", "asyncio.tasks", "email", "flows.crypto_events"),
        ),
        # The names of libraries that wait until they are used are there, their parts are not.
        (["run", "--help"], (*HEAVY, "duckdb.typing", "numpy.linalg")),
    ],
    ids=lambda value: value[0],
)
def test_a_command_loads_no_more_than_it_needs(
    arguments: list[str], not_needed: tuple[str, ...]
) -> None:
    program = (
        "import sys\n"
        "from flows import cli\n"
        f"try:\n    cli.command_line()({arguments!r})\n"
        "except SystemExit as ended:\n    assert not ended.code\n"
        f"print([name for name in {not_needed!r} if name in sys.modules], file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stderr.strip() == "[]"
