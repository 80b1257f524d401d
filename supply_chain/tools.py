"""Runs the tools of `.venv-audit`, and others."""

import os
import subprocess
import sys
from pathlib import Path

# Made by the Makefile from requirements/audit.txt.
ENVIRONMENT = Path(".venv-audit/bin")


class Problem(Exception):
    """A sentence for who typed the command, and what it ends with."""

    def __init__(self, sentence: str, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class NotReachable(Problem):
    """A server did not answer: nothing is known, which is not the same as nothing found."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, os.EX_UNAVAILABLE)


def say(sentence: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def run(*command: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, with these variables; raise Problem when it is not there."""
    try:
        return subprocess.run(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Problem(
            f"{command[0]} is not there. `make sbom` and `make audit` install their tools."
        ) from None
