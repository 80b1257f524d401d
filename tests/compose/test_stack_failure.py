"""What `make up` says of a platform that does not start."""

import json
import socket
from pathlib import Path

import pytest

from compose.stack.settings.environment import assignments, with_value
from tests.compose.stack_tool import ALL_PORTS, EVERY_PROFILE, STARTED, Tool
from tests.compose.stand_in_docker import StandInDocker


def test_an_image_that_cannot_be_built(tool: Tool, docker: StandInDocker, written: Path) -> None:
    docker.says("build databases", err="no such file\n", code=17)

    done = tool("up")

    assert done.returncode == 17
    assert done.stderr.startswith("no such file\nkpi: The image kpi-delivery:local could not be")
    assert docker.asked("up") == []


@pytest.mark.parametrize("as_list", [True, False])
def test_a_service_that_is_not_healthy_is_named_with_its_log(
    as_list: bool, tool: Tool, docker: StandInDocker, written: Path
) -> None:
    found = [
        {"Service": "postgres", "State": "running", "Health": "healthy", "ExitCode": 0},
        {"Service": "worker", "State": "running", "Health": "starting", "ExitCode": 0},
        {"Service": "databases", "State": "exited", "Health": "", "ExitCode": 3},
        {"Service": "minio-folder", "State": "exited", "Health": "", "ExitCode": 0},
        {
            "Service": "deployments",
            "State": "exited",
            "ExitCode": 1,
            "Labels": "com.docker.compose.oneoff=True",
        },
    ]
    docker.says(
        "ps --all --format json",
        json.dumps(found) if as_list else "\n".join(map(json.dumps, found)),
    )
    docker.says("logs", "role missing\n")
    docker.says(STARTED, code=1)

    done = tool("up")

    assert done.returncode == 1
    assert (
        "The last lines of databases, which ended with exit code 3:\nrole missing\n" in done.stdout
    )
    assert done.stderr == (
        "kpi: The platform did not start: databases ended with exit code 3. Everything is left as "
        "it is: make logs SERVICE=databases shows more, and make up tries again.\n"
    )
    assert docker.asked(f"{EVERY_PROFILE} logs", "down") == [
        f"{EVERY_PROFILE} logs --no-log-prefix --tail 20 databases"
    ]


def test_what_could_not_be_started_is_to_blame_and_not_what_still_starts(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    found = [
        {"Service": "airflow-api", "State": "running", "Health": "starting", "ExitCode": 0},
        {"Service": "mlflow", "State": "created", "Health": "", "ExitCode": 0, "ID": "one"},
        {"Service": "worker", "State": "created", "Health": "", "ExitCode": 0, "ID": "two"},
    ]
    docker.says("ps --all --format json", "\n".join(map(json.dumps, found)))
    docker.says("inspect --format {{.State.Error}} one", "no such folder\n")
    docker.says(STARTED, code=1)

    done = tool("up")

    assert done.stderr == (
        "kpi: The platform did not start: mlflow could not be started (no such folder). Everything "
        "is left as it is: make logs SERVICE=mlflow shows more, and make up tries again.\n"
    )


def test_what_still_starts_is_told_with_the_setting(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    found = {"Service": "mlflow", "State": "running", "Health": "starting", "ExitCode": 0}
    docker.says("ps --all --format json", json.dumps(found))
    docker.says(STARTED, code=1)

    done = tool("up")

    assert (
        "The platform did not start: mlflow is still starting. A slow machine needs more than 600 "
        "seconds: set KPI_PATIENCE_SECONDS in compose/.env to more." in done.stderr
    )


def test_a_port_that_was_taken_meanwhile_is_named(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        written.write_text(with_value(written.read_text(), "MLFLOW_PORT", str(port)))
        others = [assignments(written.read_text())[name] for name in ALL_PORTS]
        # It is the platform's own as `make up` looks, and of nobody in Docker once it has failed.
        docker.publishes("kpi", "kpi-all-1", *others)
        docker.says(STARTED, code=1)
        left = [each for each in others if each != str(port)]
        docker.publishes("kpi", "kpi-all-1", *left, after=STARTED)

        done = tool("up")

    assert done.returncode == 2
    assert done.stderr == (
        f"kpi: Port {port} of this machine is taken: end what uses it, "
        f"or set MLFLOW_PORT in {written} to another.\n"
    )


def test_a_start_that_fails_before_there_is_a_service(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says(STARTED, err="pull access denied\n", code=18)

    done = tool("up")

    assert done.returncode == 18
    assert done.stderr == (
        "pull access denied\nkpi: The platform did not start; the lines above say why.\n"
    )
