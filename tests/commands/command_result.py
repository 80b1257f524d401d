"""What a command said, for tests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CommandResult:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The last line on stderr, which is all there is of an error."""
        return self.err.strip().splitlines()[-1]
