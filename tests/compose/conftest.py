"""A stand-in for docker: nothing here may reach a real engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compose.stack.settings.elsewhere import with_what_is_elsewhere
from compose.stack.settings.environment import assignments, first_text
from flows.paths import REPOSITORY
from tests.compose.stack_tool import ALL_PORTS, Tool
from tests.compose.stand_in_docker import StandInDocker


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandInDocker:
    """The only program on PATH; it answers as a roomy machine where nothing runs."""
    folder = tmp_path / "stand_in"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return StandInDocker(folder)


@pytest.fixture
def values() -> dict[str, str]:
    return assignments(first_text())


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    """Where the tool keeps its settings in this test; nothing is there yet."""
    return tmp_path / "settings" / ".env"


@pytest.fixture
def written(env_file: Path) -> Path:
    """The same, as a former `make up` has left it."""
    env_file.parent.mkdir(exist_ok=True)
    env_file.write_text(with_what_is_elsewhere(first_text()))
    return env_file


@pytest.fixture
def tool(docker: StandInDocker, env_file: Path) -> Tool:
    """Runs a command with the stand-in, and without what is installed for this Python."""
    env_file.parent.mkdir(exist_ok=True)
    # The tests' machine may run the platform, or something else on its ports.
    docker.publishes("kpi", "kpi-all-1", *(assignments(first_text())[name] for name in ALL_PORTS))

    def run(
        *arguments: str, stdin: int = subprocess.DEVNULL, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-S", "-m", "compose.stack", "--env-file", env_file, *arguments],
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | variables,
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
