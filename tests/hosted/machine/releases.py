"""Releases for a machine: commits of a clone of this repository."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from flows.paths import REPOSITORY

# On the image of this repository, which was loaded: a build like any other that takes seconds.
QUICK_TO_BUILD = "FROM kpi-delivery:test AS project\nCOPY . .\nFROM project AS airflow\n"


@dataclass(frozen=True)
class Releases:
    """A clone whose commits are deployed."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Releases":
        """Clone what is committed here, with an image that is quick to build."""
        subprocess.run(["git", "clone", "--quiet", REPOSITORY, folder], check=True)
        releases = cls(folder)
        releases.write("compose/images/Dockerfile", QUICK_TO_BUILD)
        releases.commit("A release whose image is quick to build")
        return releases

    def read(self, path: str) -> str:
        """Return the text of a file."""
        return (self.folder / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        (self.folder / path).write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        """Change what a file says, once."""
        text = self.read(path)
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))

    def commit(self, message: str) -> str:
        """Commit everything, and return how the machine calls the release."""
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", message)
        return self._git("rev-parse", "--short=12", "HEAD").strip()

    def forget_after(self, release: str) -> None:
        """Make the release the last one again."""
        self._git("reset", "--quiet", "--hard", release)

    @property
    def last(self) -> str:
        """How the machine calls the last release."""
        return self._git("rev-parse", "--short=12", "HEAD").strip()

    def _git(self, *arguments: str) -> str:
        somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
        return subprocess.run(
            ["git", *somebody, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
