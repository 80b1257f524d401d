"""The commands behind `make down` and its like, as a person starts them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compose.stack.lock import alone
from compose.stack.settings.environment import assignments
from flows.local.machine import wait_until
from flows.paths import REPOSITORY
from tests.compose.stack_tool import EVERY_PROFILE, Tool
from tests.compose.stand_in_docker import StandInDocker


@pytest.mark.parametrize(
    "command",
    [
        *("down", "destroy", "reset", "ps", "logs", "psql", "deploy", "crypto-run", "drift-run"),
        *("dag-run", "dag-status"),
    ],
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
        (["check"], f"{EVERY_PROFILE} run --rm --no-deps -T worker kpi check"),
        (["data-docs"], "exec -T worker kpi docs"),
    ],
)
def test_a_command_is_compose_with_its_output_and_exit_code(
    command: list[str], asked: str, tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.runs("prefect", "worker")
    docker.says(asked, out="said\n", err="complained\n", code=7)

    done = tool(*command)

    assert (done.returncode, done.stdout, done.stderr) == (7, "said\n", "complained\n")
    assert docker.asked("")[-1] == asked
    assert docker.calls[-1].arguments[:3] == ["compose", "--env-file", str(written)]


def test_psql_hands_the_password_over_where_nobody_sees_it(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.runs("postgres")

    tool("psql", "--", "-c", "SELECT 1", PGPASSWORD="another")

    call = docker.calls[-1]
    assert call.arguments[3:] == [
        *("exec", "-T", "-e", "PGPASSWORD", "postgres", "psql", "--host", "postgres"),
        *("--username", "crypto", "--dbname", "crypto_db", "-c", "SELECT 1"),
    ]
    secret = assignments(written.read_text())["CRYPTO_DB_PASSWORD"]
    assert call.variables["PGPASSWORD"] == secret
    assert secret not in call.text


COMMANDS_OF_WHAT_RUNS = {
    "psql": "postgres",
    "deploy": "prefect",
    "data-docs": "worker",
    "crypto-run": "prefect",
    "churn-run": "prefect",
    "drift-run": "prefect",
    "dag-run": "airflow-api",
    "dag-status": "airflow-api",
}


@pytest.mark.parametrize("command", COMMANDS_OF_WHAT_RUNS)
def test_a_platform_that_does_not_run_is_a_sentence(
    command: str, tool: Tool, docker: StandInDocker, written: Path
) -> None:
    done = tool(command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "kpi: The platform is not running: make up starts it.\n"

    docker.runs("minio")
    done = tool(command)
    missing = COMMANDS_OF_WHAT_RUNS[command]
    how = "make up PROFILE=airflow" if missing == "airflow-api" else "make up"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"kpi: {missing} is not running: {how} starts it, and make ps shows all.\n"
    )
    assert docker.asked("exec", EVERY_PROFILE) == []


def test_a_platform_that_does_not_run_is_checked(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    tool("check")
    assert docker.asked("")[-1].endswith(" worker kpi check")


def test_logs_of_what_is_no_service(tool: Tool, docker: StandInDocker, written: Path) -> None:
    done = tool("logs", "postgress")

    assert done.returncode == 2
    assert done.stderr == (
        "kpi: There is no service postgress: choose among databases, postgres, worker.\n"
    )


@pytest.mark.parametrize("command", ["up", "init", "reset", "configure", "build", "down"])
def test_two_commands_that_change_the_platform_never_run_at_once(
    command: str, tool: Tool, docker: StandInDocker, written: Path
) -> None:
    with alone(written):
        done = tool(command)
        looked = tool("ps")

    assert done.returncode == os.EX_TEMPFAIL
    assert done.stderr == (
        f"kpi: Another command is changing the platform of {written}: wait for it to end.\n"
    )
    assert looked.returncode == 0
    assert docker.asked("up", "build", "down", "run") == []
    assert list(written.parent.iterdir()) == [written]

    assert tool("down").returncode == 0


def test_who_became_docker_still_has_the_platform_alone(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says("down --remove-orphans", delay=60)
    with subprocess.Popen(
        [sys.executable, "-m", "compose.stack", "--env-file", written, "down"],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    ) as first:
        try:
            assert wait_until(lambda: bool(docker.calls), 60)
            assert tool("up").returncode == os.EX_TEMPFAIL
        finally:
            first.kill()


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
        (["init"], "init"),
        (["init", "PROFILE=full"], "init --profile 'full'"),
        (["dag-run"], "dag-run"),
        (["dag-run", "DAG=churn_training_dag"], "dag-run 'churn_training_dag'"),
        (["dag-status"], "dag-status"),
        (["dag-status", "DAG=churn_training_dag"], "dag-status 'churn_training_dag'"),
        (["destroy", "FORCE=1"], "destroy --force"),
        (["destroy", "FORCE=0"], "destroy"),
        (["reset", "PROFILE=full", "FORCE=1"], "reset --profile 'full' --force"),
        (["logs", "SERVICE=worker", "FOLLOW=1"], "logs --follow worker"),
        (["psql", "ARGS=-c 'SELECT 1'"], "psql -- -c 'SELECT 1'"),
        (["check-platform"], "check"),
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
