"""What is wrong with a contract: one sentence, with file and line."""

from pathlib import Path

from flows.errors import BadInput
from flows.paths import REPOSITORY


class BadContract(BadInput):
    """A contract's file cannot be read or breaks a rule of contracts; nothing was changed."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        self.path, self.line, self.problem = path, line, problem
        super().__init__(f"{place(path, line)}: {problem}")

    def __reduce__(self) -> tuple[type["BadContract"], tuple[Path, int | None, str]]:
        return type(self), (self.path, self.line, self.problem)


def place(path: Path, line: int | None) -> str:
    """Return file and line for a sentence, shortened where the file is this project's own."""
    shown = path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path
    return f"{shown}, line {line}" if line else str(shown)
