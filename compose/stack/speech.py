"""What the tool says, and the errors that are sentences."""

import sys


class Refusal(Exception):
    """Something a user can act on; its text is the whole message."""

    exit_code = 2


class Failed(Refusal):
    """What was asked for was tried and did not succeed."""

    def __init__(self, sentence: str, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def say(line: str = "") -> None:
    """Write a line to the terminal, at once: what Docker writes comes between."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(error: Refusal) -> None:
    """Write an error's sentence to stderr."""
    sys.stderr.write(f"kpi: {error}\n")
