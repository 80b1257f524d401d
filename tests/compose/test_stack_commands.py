"""The commands behind `make down` and its like, as a person starts them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compose.stack.settings.environment import assignments
from flows.paths import REPOSITORY
from tests.compose.stack_tool import EVERY_PROFILE, Tool
from tests.compose.stand_in_docker import StandInDocker


@pytest.mark.parametrize(
    "command",
    ["down", "destroy", "reset", "ps", "logs", "psql", "deploy", "crypto-run", "drift-run"],
)
def test_every_command_but_up_needs_the_file(
    command: str, tool: Tool, docker: StandInDocker, env_file: Path
) -> None:
    done = tool(command)

    assert done.returncode == 2
    assert done.stderr == f"kpi: {env_file} is missing: make up writes it.\n"
    assert docker.calls == []


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (["down"], f"{EVERY_PROFILE} down --remove-orphans"),
        (["ps"], f"{EVERY_PROFILE} ps --all"),
        (["logs"], f"{EVERY_PROFILE} logs --tail 100"),
        (["logs", "--follow", "worker"], f"{EVERY_PROFILE} logs --tail 100 --follow worker"),
        (["deploy"], f"{EVERY_PROFILE} run --rm deployments"),
        (["data-docs"], "exec -T worker kpi docs"),
        (
            ["crypto-run"],
            "exec -T worker prefect deployment run crypto-events/daily "
            "--watch --watch-timeout 1800",
        ),
        (
            ["churn-run"],
            "exec -T worker prefect deployment run churn-training/on-change "
            "--watch --watch-timeout 1800",
        ),
        (
            ["drift-run"],
            "exec -T worker prefect deployment run churn-drift-monitor/weekly "
            "--watch --watch-timeout 1800",
        ),
    ],
)
def test_a_command_is_compose_with_its_output_and_exit_code(
    command: list[str], asked: str, tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says(asked, out="said\n", err="complained\n", code=7)

    done = tool(*command)

    assert (done.returncode, done.stdout, done.stderr) == (7, "said\n", "complained\n")
    assert docker.asked("") == [asked]
    assert docker.calls[0].arguments[:3] == ["compose", "--env-file", str(written)]


def test_psql_hands_the_password_over_where_nobody_sees_it(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    tool("psql", "--", "-c", "SELECT 1", PGPASSWORD="another")

    (call,) = docker.calls
    assert call.arguments[3:] == [
        *("exec", "-T", "-e", "PGPASSWORD", "postgres", "psql", "--host", "postgres"),
        *("--username", "crypto", "--dbname", "crypto_db", "-c", "SELECT 1"),
    ]
    secret = assignments(written.read_text())["CRYPTO_DB_PASSWORD"]
    assert call.variables["PGPASSWORD"] == secret
    assert secret not in call.text


def test_variables_of_the_shell_do_not_reach_compose(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    tool("up", POSTGRES_PORT="1", COMPOSE_PROFILES="full", KPI_HOME="x", DOCKER_CONTEXT="other")

    seen = {name for call in docker.calls for name in call.variables}
    assert "DOCKER_CONTEXT" in seen
    assert not seen & {"POSTGRES_PORT", "COMPOSE_PROFILES", "KPI_HOME"}


def test_the_file_can_be_named_by_a_variable(
    docker: StandInDocker, written: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compose.stack", "ps"],
        cwd=REPOSITORY,
        env=os.environ | {"KPI_STACK_ENV": str(written), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0
    assert docker.calls[0].arguments[2] == str(written)


MAKE = shutil.which("make") or "make"


@pytest.mark.parametrize(
    ("target", "command"),
    [
        (["up"], "up"),
        (["up", "PROFILE=spark,tools", "BUILD=0"], "up --profile 'spark,tools' --no-build"),
        (["destroy", "FORCE=1"], "destroy --force"),
        (["destroy", "FORCE=0"], "destroy"),
        (["reset", "PROFILE=full", "FORCE=1"], "reset --profile 'full' --force"),
        (["logs", "SERVICE=worker", "FOLLOW=1"], "logs --follow worker"),
        (["psql", "ARGS=-c 'SELECT 1'"], "psql -- -c 'SELECT 1'"),
        *(
            ([name], name)
            for name in ("down", "ps", "deploy", "data-docs", "crypto-run", "churn-run")
        ),
    ],
)
def test_a_target_is_a_command(target: list[str], command: str) -> None:
    done = subprocess.run(
        [MAKE, "--dry-run", "--no-print-directory", "PYTHON=python3.11", *target],
        cwd=REPOSITORY,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert " ".join(done.stdout.split()) == f"python3.11 -m compose.stack {command}"
