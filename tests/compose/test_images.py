"""What a registry gives is taken by its digest; an image of this machine's own by its tag."""

from pathlib import Path

from compose.stack.settings.environment import assignments, described
from tests.compose.stack_tool import STARTED, Tool
from tests.compose.stand_in_docker import StandInDocker

TAG = "redis:7"


def test_what_is_not_there_is_fetched_by_its_digest(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says(f"{TAG}@sha256", err="No such image", code=1)
    docker.says(f"RepoDigests}}}} {TAG}", err="No such image", code=1)
    before = written.read_text()

    assert tool("up").returncode == 0

    assert written.read_text() == before
    assert described(before)["REDIS_IMAGE"].startswith(f"{TAG}@sha256:")


def test_what_a_registry_gave_under_the_tag_is_not_taken_for_the_locked_one(
    tool: Tool, docker: StandInDocker, written: Path
) -> None:
    docker.says(f"{TAG}@sha256", err="No such image", code=1)
    docker.says(f"RepoDigests}}}} {TAG}", "1\n")
    before = written.read_text()

    assert tool("up").returncode == 0

    assert written.read_text() == before


def test_what_was_made_here_has_no_digest(tool: Tool, docker: StandInDocker, written: Path) -> None:
    docker.says(f"{TAG}@sha256", err="No such image", code=1)
    docker.says(f"RepoDigests}}}} {TAG}", "0\n")
    before = assignments(written.read_text())

    for command in ("build", "up"):
        done = tool(command)
        assert (done.returncode, done.stderr) == (0, "")
        assert assignments(written.read_text()) == before | {"REDIS_IMAGE": TAG}
        said = f"{TAG} was made on this machine: REDIS_IMAGE names it without a digest."
        assert (said in done.stdout) == (command == "build")

    assert docker.asked("up") == [STARTED]
