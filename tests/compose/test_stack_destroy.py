"""`make destroy` and `make reset` delete data: only what was said, and after asking."""

import os
import pty
from pathlib import Path

import pytest

from compose.stack.settings.environment import assignments, first_text, with_value
from tests.compose.stack_tool import ALL_PORTS, EVERY_PROFILE, STARTED, Tool
from tests.compose.stand_in_docker import StandInDocker


@pytest.fixture
def with_data(docker: StandInDocker, written: Path) -> None:
    """The project is called shop here, and has something to lose."""
    written.write_text(with_value(written.read_text(), "COMPOSE_PROJECT_NAME", "shop"))
    docker.says("ps --all --filter label=com.docker.compose.project=shop", "shop-postgres-1\n")
    docker.says("volume ls --filter label=com.docker.compose.project=shop", "shop_data\nshop_old\n")


DESTROYED = [f"{EVERY_PROFILE} down --volumes --remove-orphans", "volume rm shop_data shop_old"]


@pytest.mark.usefixtures("with_data")
def test_destroy_without_a_terminal_deletes_nothing(tool: Tool, docker: StandInDocker) -> None:
    done = tool("destroy")

    assert done.returncode == 2
    assert "volumes, with all their data: shop_data, shop_old" in done.stdout
    assert done.stderr == (
        "kpi: Nothing was deleted, as there is no terminal to ask at: FORCE=1 deletes without.\n"
    )
    assert docker.asked(*DESTROYED) == []


@pytest.mark.usefixtures("with_data")
def test_destroy_with_force_does_not_ask(tool: Tool, docker: StandInDocker, written: Path) -> None:
    before = written.read_bytes()

    done = tool("destroy", "--force")

    assert done.returncode == 0
    assert f"Deleted; {written} and the images are still there." in done.stdout
    assert docker.asked(*DESTROYED) == DESTROYED
    assert written.read_bytes() == before


@pytest.mark.usefixtures("with_data")
@pytest.mark.parametrize(("typed", "code", "deleted"), [("shop", 0, DESTROYED), ("yes", 2, [])])
def test_destroy_asks_at_a_terminal(
    typed: str, code: int, deleted: list[str], tool: Tool, docker: StandInDocker
) -> None:
    person, terminal = pty.openpty()
    os.write(person, f"{typed}\n".encode())
    try:
        done = tool("destroy", stdin=terminal)
    finally:
        os.close(person)
        os.close(terminal)

    assert done.returncode == code
    assert "containers: shop-postgres-1" in done.stdout
    assert "Type the project's name to go on: " in done.stdout
    assert ("nothing was deleted" in done.stderr) is (not deleted)
    assert docker.asked(*DESTROYED) == deleted


@pytest.mark.usefixtures("with_data")
def test_reset_deletes_and_starts_anew(tool: Tool, docker: StandInDocker, written: Path) -> None:
    free = assignments(first_text())
    docker.publishes("shop", "shop-all-1", *(free[name] for name in ALL_PORTS))

    done = tool("reset", "--force", "--profile", "tools")

    assert (done.returncode, done.stderr) == (0, "")
    assert docker.asked(*DESTROYED, "up") == [*DESTROYED, STARTED]
    assert assignments(written.read_text())["COMPOSE_PROFILES"] == "tools"


@pytest.mark.usefixtures("with_data")
def test_reset_deletes_nothing_that_could_not_start_again(
    tool: Tool, docker: StandInDocker
) -> None:
    docker.says("version --format", "19.03.1")

    assert tool("reset", "--force").returncode == 2

    assert docker.asked(*DESTROYED) == []
