"""The README's commands are run here, or by .ci/run."""

import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.paths import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
    if line
]


MAKE = [shlex.split(command, comments=True) for command in COMMANDS if "make " in command]
IN_THE_CLOUD = [
    command[command.index("make") + 1] for command in MAKE if "hosted-" in " ".join(command)
]
EXAMPLE = "terraform/terraform.tfvars.example"
BY_CI = ("demo", "test", "test-hosted")


def test_the_commands_that_prove_it_are_run_by_ci() -> None:
    ci = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")

    assert MAKE[:2] == [["make", "demo"], ["make", "test"]]
    assert ["make", "test-hosted"] in MAKE
    for target in BY_CI:
        assert re.search(rf"^ *(\w.*)?\bmake {target}( |;|$)", ci, flags=re.MULTILINE)


def test_the_platform_in_containers_is_used_by_a_test() -> None:
    tests = "".join(
        path.read_text("utf-8") for path in (REPOSITORY / "tests" / "stack").glob("*.py")
    )

    commands = [each for each in MAKE if each[1] not in BY_CI and "hosted-" not in " ".join(each)]

    assert len(commands) > 3
    for _, target, *variables in commands:
        names = [variable.partition("=")[0] for variable in variables]
        assert re.search(rf'\.make\("{target}"' + "".join(rf", {name}=" for name in names), tests)


def test_the_machine_in_the_cloud_is_used_by_a_test() -> None:
    folders = (REPOSITORY / "tests" / name for name in ("terraform", "hosted/machine"))
    tests = "".join(path.read_text("utf-8") for folder in folders for path in folder.glob("*.py"))
    # Terraform's through the program behind them, on a local AWS; the others on a machine.
    of_terraform = {"hosted-plan", "hosted-up", "hosted-down"}

    assert {"hosted-deploy", "hosted-restore"} | of_terraform <= set(IN_THE_CLOUD)
    for target in IN_THE_CLOUD:
        command = target.removeprefix("hosted-")
        call = (
            rf'as_a_person\([^)]*"{command}"' if target in of_terraform else rf'\.make\("{target}"'
        )
        assert re.search(call, tests), target
    assert f"cp {EXAMPLE} {EXAMPLE.removesuffix('.example')}" in README
    assert (REPOSITORY / EXAMPLE).exists()


def test_the_prefect_commands_are_run_on_a_platform() -> None:
    tests = REPOSITORY.joinpath("tests/local/services/test_platform_end_to_end.py").read_text(
        "utf-8"
    )
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
