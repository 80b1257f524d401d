"""The one place that calls docker."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from compose.stack.paths import FOLDER
from compose.stack.settings.environment import without_platform
from compose.stack.speech import Failed, Refusal, say

# Before somebody is told what is waited for, and until the engine counts as hung.
QUIET_SECONDS = 10
PATIENCE_SECONDS = 600
EVERY_PROFILE = ("--profile", "*")


class NoAnswer(Failed):
    """Docker ended with an error; `complaint` is what it said."""

    def __init__(self, arguments: tuple[str, ...], complaint: str) -> None:
        super().__init__(f"docker {' '.join(arguments)} failed: {complaint or 'it says nothing.'}")
        self.complaint = complaint


def answer(*arguments: str) -> str:
    """What `docker ARGUMENTS` prints; raises NoAnswer when it fails or takes forever."""
    try:
        process = subprocess.Popen(
            ["docker", *arguments],
            cwd=FOLDER,
            env=without_platform(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    except OSError as error:
        raise _not_installed(error) from None
    with process:
        out, err = _communicate(process, arguments)
    if process.returncode:
        raise NoAnswer(arguments, " ".join(err.split()))
    # Columns may be empty, so nothing but the last line's end is dropped.
    return out.removesuffix("\n")


def _communicate(process: "subprocess.Popen[str]", arguments: tuple[str, ...]) -> tuple[str, str]:
    """What it writes to its end; says so when that takes long, and ends what takes forever."""
    try:
        return process.communicate(timeout=QUIET_SECONDS)
    except subprocess.TimeoutExpired:
        say(f"Docker has not answered yet; waiting up to {PATIENCE_SECONDS} seconds ...")
    try:
        return process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise NoAnswer(arguments, f"no answer in {PATIENCE_SECONDS} seconds") from None


def lines(*arguments: str) -> list[str]:
    """The lines that `docker ARGUMENTS` prints."""
    return answer(*arguments).splitlines()


@dataclass(frozen=True)
class Compose:
    """`docker compose` for the platform that an environment file describes."""

    env_file: Path

    def answer(self, *arguments: str) -> str:
        """What it prints; raises NoAnswer when it fails."""
        return answer(*self._arguments(arguments))

    def run(self, *arguments: str) -> int:
        """Let it write to the terminal; the exit code."""
        try:
            return subprocess.run(
                ["docker", *self._arguments(arguments)],
                cwd=FOLDER,
                env=without_platform(os.environ),
                check=False,
            ).returncode
        except OSError as error:
            raise _not_installed(error) from None

    def become(self, *arguments: str, **variables: str) -> NoReturn:
        """End as this very command: its terminal, its signals and its exit code.

        The variables are added to its environment.
        """
        os.chdir(FOLDER)
        sys.stdout.flush()
        try:
            os.execvpe(
                "docker",
                ["docker", *self._arguments(arguments)],
                without_platform(os.environ) | variables,
            )
        except OSError as error:
            raise _not_installed(error) from None

    def _arguments(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        return (
            "compose",
            *("--env-file", str(self.env_file)),
            *arguments,
        )


def containers(project: str) -> list[str]:
    """The names of a project's containers, running or not."""
    return lines("ps", "--all", *_of(project), "--format", "{{.Names}}")


def running(project: str) -> set[str]:
    """The services of a project that run."""
    form = '{{.Label "com.docker.compose.service"}}'
    return set(lines("ps", *_of(project), "--filter", "status=running", "--format", form))


def volumes(project: str) -> list[str]:
    """The names of a project's volumes."""
    return lines("volume", "ls", *_of(project), "--format", "{{.Name}}")


def _of(project: str) -> tuple[str, str]:
    return "--filter", f"label=com.docker.compose.project={project}"


def _not_installed(error: OSError) -> Refusal:
    if isinstance(error, FileNotFoundError):
        return Refusal(
            "Docker is not installed: install Docker Engine and its Compose plugin "
            "(https://docs.docker.com/engine/install/)."
        )
    return Refusal(f"docker cannot be started: {error.strerror}.")
