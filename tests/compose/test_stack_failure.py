"""What `make up` says of a platform that does not start."""

import json
from pathlib import Path

import pytest

from tests.compose.stack_tool import EVERY_PROFILE, STARTED, Tool
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


def test_a_start_that_fails_before_there_is_a_service(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says(STARTED, err="pull access denied\n", code=18)

    done = tool("up")

    assert done.returncode == 18
    assert done.stderr == (
        "pull access denied\nkpi: The platform did not start; the lines above say why.\n"
    )
