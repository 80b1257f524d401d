"""`python -m compose.stack configure` and `build`, which Ansible uses."""

import socket
import stat
from pathlib import Path

from compose.stack.settings.environment import assignments
from compose.stack.settings.passwords import SECRETS
from flows.local.machine import LOOPBACK
from tests.compose.stack_tool import Tool
from tests.compose.stand_in_docker import StandInDocker


def test_the_file_is_written_once_with_passwords(tool: Tool, env_file: Path) -> None:
    first = tool("configure", "--profile", "spark", "APP_URL=https://kpi.example.com")
    text = env_file.read_text()
    again = tool("configure", "--profile", "spark", "APP_URL=https://kpi.example.com")

    values = assignments(text)
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert [SECRETS[name].fault(values[name]) for name in SECRETS] == [None] * len(SECRETS)
    assert values["APP_URL"] == "https://kpi.example.com"
    assert values["SPARK_MASTER_URL"] == "spark://spark-master:7077"
    assert (first.returncode, first.stderr) == (0, "")
    assert "Passwords were generated" in first.stdout
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert env_file.read_text() == text


def test_what_differs_is_named_without_its_value(tool: Tool, written: Path) -> None:
    done = tool("configure", "REDIS_PASSWORD=a-word-of-my-own", "KPI_TIME_ZONE=Etc/GMT+3")

    assert done.stdout == f"Changed in {written}: REDIS_PASSWORD, KPI_TIME_ZONE.\n"
    assert assignments(written.read_text())["KPI_TIME_ZONE"] == "Etc/GMT+3"


def test_a_setting_of_runs_is_set_by_its_own_name(tool: Tool, written: Path) -> None:
    done = tool("configure", "KPI_RETENTION__MODE=prune")

    assert done.stdout == f"Changed in {written}: KPI_RETENTION__MODE.\n"
    assert assignments(written.read_text())["KPI_RETENTION__MODE"] == "prune"


def test_what_somebody_wrote_stays(tool: Tool, written: Path) -> None:
    written.write_text(written.read_text() + "MINE=1\nPREFECT_PORT=4201\n")

    tool("configure", "--profile", "core", "APP_URL=https://kpi.example.com")

    values = assignments(written.read_text())
    assert (values["MINE"], values["PREFECT_PORT"]) == ("1", "4201")


def test_what_cannot_be_set_changes_nothing(tool: Tool, written: Path) -> None:
    before = written.read_bytes()

    unknown = tool("configure", "APP_ULR=https://kpi.example.com")
    without_value = tool("configure", "APP_URL")
    short = tool("configure", "REDIS_PASSWORD=short")
    lines = tool("configure", "APP_URL=https://kpi.example.com\nREDIS_PASSWORD=smuggled-in-it")
    profile = tool("configure", "--profile", "everything")

    assert [done.returncode for done in (unknown, without_value, short, lines, profile)] == [2] * 5
    assert unknown.stderr == (
        "kpi: APP_ULR is no variable of the platform: compose/.env.example lists all, "
        "and each is set as NAME=VALUE.\n"
    )
    assert "APP_URL is no variable" in without_value.stderr
    assert f"REDIS_PASSWORD in {written} needs at least 12 signs." in short.stderr
    assert "The value of APP_URL has several lines" in lines.stderr
    assert "There is no profile everything" in profile.stderr
    assert written.read_bytes() == before


def test_another_postgresql_leaves_none_of_the_platform(tool: Tool, written: Path) -> None:
    managed = (
        *("POSTGRES_ADDRESS=db.example.com:5433", "POSTGRES_ADMINISTRATOR=dba"),
        *(
            "POSTGRES_SSLMODE=verify-full",
            "POSTGRES_SSLROOTCERT=/etc/ssl/certs/ca-certificates.crt",
        ),
    )
    there = tool("configure", *managed)
    servers = assignments(written.read_text())["POSTGRES_SERVERS"]
    psql = tool("psql")
    back = tool(
        *("configure", "POSTGRES_ADDRESS=postgres:5432", "POSTGRES_ADMINISTRATOR=postgres"),
        *("POSTGRES_SSLMODE=prefer", "POSTGRES_SSLROOTCERT="),
    )

    assert there.returncode == 0
    assert servers == "0"
    assert psql.returncode == 2
    assert (
        "psql 'postgresql://crypto@db.example.com:5433/crypto_db?sslmode=verify-full'"
        in psql.stderr
    )
    assert "POSTGRES_SERVERS" in back.stdout
    assert assignments(written.read_text())["POSTGRES_SERVERS"] == "1"


def test_build_starts_nothing(tool: Tool, docker: StandInDocker, written: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as somebody:
        port = somebody.getsockname()[1]
        tool("configure", "--profile", "airflow", f"PREFECT_PORT={port}")

        done = tool("build")
        refused = tool("up")

    assert f"Port {port} of this machine is taken" in refused.stderr
    assert (done.returncode, done.stderr) == (0, "")
    assert docker.asked("build", "up") == ["build databases", "build airflow-migrate"]
