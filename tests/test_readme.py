"""The README's commands are run here, or by .ci/run."""

import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.platform.paths import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
    if line
]


MAKE = [shlex.split(command) for command in COMMANDS if command.startswith("make ")]


def test_the_first_two_commands_are_run_by_ci() -> None:
    ci = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")

    assert MAKE[:2] == [["make", "demo"], ["make", "test"]]
    for command in MAKE[:2]:
        assert re.search(rf"^{' '.join(command)}\b", ci, flags=re.MULTILINE)


def test_the_other_make_commands_are_run_on_the_platform_in_containers() -> None:
    tests = "".join(
        path.read_text("utf-8") for path in (REPOSITORY / "tests" / "stack").glob("*.py")
    )

    assert len(MAKE) > 3
    for _, target, *variables in MAKE[2:]:
        names = [variable.partition("=")[0] for variable in variables]
        assert re.search(rf'\.make\("{target}"' + "".join(rf", {name}=" for name in names), tests)


def test_the_prefect_commands_are_run_on_a_platform() -> None:
    tests = (REPOSITORY / "tests" / "local" / "test_platform_end_to_end.py").read_text("utf-8")
    commands = [shlex.split(command) for command in COMMANDS if command.startswith("prefect ")]

    assert len(commands) > 1
    for command in commands:
        deployment, options = command[3], command[4:]
        assert command[:3] == ["prefect", "deployment", "run"]
        assert f'run_deployment("{deployment}"' in tests
        assert all(f'"{option}"' in tests for option in options if "=" in option)


@pytest.mark.xdist_group("platform")
def test_the_kpi_commands_work_in_their_order(tmp_path: Path) -> None:
    today = datetime.now(UTC)
    date = f"{today.day}/{today.month}/{today.year}"
    (tmp_path / "delivery.csv").write_text(
        "site_id,user_id,purchase_date,crypto_type,purchase_price,purchase_units\n"
        f"BRASIL,1,{date},BTC,60000,1\n"
        f"CHILE,2,{date},BTC,60000,1\n",
        encoding="utf-8",
    )
    commands = [command for command in COMMANDS if command.startswith("kpi ")]
    refused = []

    try:
        for command in commands:
            done = _run(command, tmp_path)
            assert "Traceback" not in done.stdout + done.stderr, command
            if done.returncode:
                refused.append(shlex.split(command, comments=True))
                assert "Nothing was published" in done.stderr, done.stderr
    finally:
        _run("kpi down", tmp_path)

    assert len(commands) > 10
    assert refused == [["kpi", "run"]]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)", README))))
def test_links_lead_somewhere(link: str) -> None:
    assert (REPOSITORY / link).exists()


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("kpi")
    environment = {**os.environ, "KPI_HOME": str(folder / "kpi")}
    return subprocess.run(
        [program, *shlex.split(command, comments=True)[1:]],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )
