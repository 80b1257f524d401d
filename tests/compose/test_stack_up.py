"""`make up`, as a person starts it."""

import stat
from pathlib import Path

from compose.stack.settings.environment import assignments, with_value
from compose.stack.settings.passwords import SECRETS
from tests.compose.stack_tool import EVERY_PROFILE, STARTED, Tool
from tests.compose.stand_in_docker import StandInDocker


def test_the_first_up_generates_passwords_and_shows_none(
    tool: Tool, docker: StandInDocker, env_file: Path
) -> None:
    done = tool("up")

    assert (done.returncode, done.stderr) == (0, "")
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    values = assignments(env_file.read_text())
    assert [SECRETS[name].fault(values[name]) for name in SECRETS] == [None] * len(SECRETS)
    assert f"Passwords were generated into {env_file}, which only you can read." in done.stdout
    assert "http://127.0.0.1:4200" in done.stdout
    assert f"key kpi, S3_SECRET_ACCESS_KEY in {env_file}" in done.stdout
    assert "Airflow" not in done.stdout
    assert "export PREFECT_API_URL=http://127.0.0.1:4200/api" in done.stdout
    assert not [name for name in SECRETS if values[name] in done.stdout]
    assert docker.asked("build", "up") == ["build databases", STARTED]


def test_the_second_up_keeps_the_file(tool: Tool, docker: StandInDocker, env_file: Path) -> None:
    tool("up")
    docker.says("volume ls", "kpi_postgres\n")
    first = env_file.read_bytes()

    done = tool("up")

    assert (done.returncode, done.stderr) == (0, "")
    assert env_file.read_bytes() == first
    assert docker.asked("up") == [STARTED, STARTED]


def test_profiles_are_recorded_for_the_commands_that_follow(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    before = assignments(written.read_text())

    done = tool("up", "--profile", "spark,airflow")
    again = tool("up")

    changed = assignments(written.read_text()).items() - before.items()
    assert changed == {
        ("COMPOSE_PROFILES", "spark,airflow"),
        ("SPARK_MASTER_URL", "spark://spark-master:7077"),
    }
    assert f"{written} was brought up to date." in done.stdout
    for shown in (done.stdout, again.stdout):
        assert f"user admin, AIRFLOW_ADMIN_PASSWORD in {written}" in shown
        assert "http://127.0.0.1:8082" in shown
        assert "Jupyter" not in shown
    assert docker.asked("build") == ["build databases", "build airflow-migrate"] * 2

    tool("up", "--profile", "core")

    assert assignments(written.read_text()) == before


def test_what_runs_in_a_profile_that_was_left_is_stopped(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says("--profile * config --services", "postgres\nspark-master\ndeployments\n")
    docker.says("ps --services", "postgres\nspark-master\nsomebody-elses\n")

    tool("up", "--profile", "core")

    assert docker.asked(f"{EVERY_PROFILE} rm") == [
        f"{EVERY_PROFILE} rm --stop --force spark-master"
    ]


def test_images_that_are_there_start_without_a_build(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    assert tool("up", "--no-build").returncode == 0

    assert docker.asked("build", "up") == [f"{STARTED} --no-build"]


def test_images_that_are_not_there_are_asked_of_nobody(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says("image inspect", err="No such image", code=1)
    before = written.read_bytes()

    done = tool("up", "--no-build", "--profile", "airflow")

    assert done.returncode == 2
    assert done.stderr == (
        "kpi: kpi-delivery:local and kpi-delivery-airflow:local were never built on this machine: "
        "make up without BUILD=0 builds what is missing.\n"
    )
    assert docker.asked("build", "up") == []
    assert written.read_bytes() == before


def test_what_compose_cannot_read_is_said_before_anything_is_built(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says("config --quiet", err="services.app.mem_limit: invalid size: 'much'\n", code=15)

    done = tool("up")

    assert done.returncode == 2
    assert done.stderr == (
        f"kpi: Compose cannot use compose.yaml with {written}: "
        "services.app.mem_limit: invalid size: 'much'\n"
    )
    assert docker.asked("build", "up") == []


def test_the_patience_is_the_setting_and_is_told(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    written.write_text(with_value(written.read_text(), "KPI_PATIENCE_SECONDS", "1234"))

    done = tool("up")

    assert docker.asked("up") == [STARTED.replace("600", "1234")]
    assert "waiting up to 1234 s until each service is well" in done.stdout


def test_init_prepares_and_leaves_the_rest_to_up(
    tool: Tool, docker: StandInDocker, env_file: Path
) -> None:
    done = tool("init", "--profile", "airflow")

    assert (done.returncode, done.stderr) == (0, "")
    assert assignments(env_file.read_text())["COMPOSE_PROFILES"] == "airflow"
    assert docker.asked("build", "run", "up") == [
        *("build databases", "build airflow-migrate"),
        *("run --rm databases", "run --rm buckets", "run --rm --no-deps airflow-migrate"),
    ]
    assert done.stdout.endswith("make up starts the rest.\n")


def test_a_refusal_is_one_sentence_and_changes_nothing(
    tool: Tool, docker: StandInDocker, env_file: Path
) -> None:
    docker.is_a_machine(memory_gib=4)

    done = tool("up", "--profile", "full")

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("kpi: Docker's engine has 4.0 GiB of memory, and core + spark")
    assert done.stderr.count("\n") == 1
    assert list(env_file.parent.iterdir()) == []
    assert docker.asked("build", "up", "rm", EVERY_PROFILE) == []


def test_a_refusal_leaves_the_recorded_profile(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    before = written.read_bytes()
    docker.says("compose version", "2.19.0")

    assert tool("up", "--profile", "full").returncode == 2
    assert tool("up", "--profile", "nonsense").returncode == 2

    assert written.read_bytes() == before


def test_data_without_its_passwords(tool: Tool, docker: StandInDocker, env_file: Path) -> None:
    docker.says("volume ls", "kpi_postgres\n")

    done = tool("up")

    assert done.returncode == 2
    assert done.stderr == (
        f"kpi: {env_file} is missing, and the data of the project kpi was made with the passwords "
        "in it: put the file back, or delete the data with docker compose -p kpi down --volumes.\n"
    )
    assert not env_file.exists()
