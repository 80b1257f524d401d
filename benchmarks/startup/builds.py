"""The two builds: a commit's checkout and the environment installed in it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.startup.measure import clean_environment
from flows.errors import BadInput, KpiError
from flows.paths import REPOSITORY

Say = Callable[[str], None]


@dataclass(frozen=True)
class Build:
    """A checkout with its `.venv`."""

    folder: Path
    commit: str

    @property
    def kpi(self) -> Path:
        """The `kpi` command installed there."""
        return self.folder / ".venv" / "bin" / "kpi"


def find_commit(name: str) -> str:
    """Return the hash of a commit of this repository; raise BadInput when there is none."""
    found = _git(REPOSITORY, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if not found:
        raise BadInput(f"{name} is no commit of {REPOSITORY}; `git log` lists them.")
    return found


def installed(folder: Path) -> Build:
    """Return the existing build in a folder; raise BadInput when there is none."""
    build = Build(folder.resolve(), _git(folder, "rev-parse", "HEAD") if folder.is_dir() else "")
    if not (build.folder / ".git").exists():
        raise BadInput(f"{folder} is no checkout of this repository.")
    if not build.kpi.exists():
        raise BadInput(f"Nothing is installed in {folder}; run `make install` there.")
    return build


def installed_commit(folder: Path, commit: str) -> Build:
    """Return the build in a folder; raise BadInput when it is not exactly this commit."""
    build = installed(folder)
    if build.commit != commit:
        raise BadInput(f"{folder} is at {build.commit[:7]}, and not at {commit[:7]}.")
    if _git(folder, "status", "--porcelain"):
        raise BadInput(f"{folder} has changes that are not committed.")
    return build


@contextmanager
def place_of_worktrees(keep: Path | None) -> Iterator[Path]:
    """Yield the folder for worktrees; delete it and them at the end, unless it is `keep`."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with TemporaryDirectory(prefix="kpi-startup-builds-") as name:
        place = Path(name)
        try:
            yield place
        finally:
            for made in place.glob("*/.git"):
                _git(REPOSITORY, "worktree", "remove", "--force", str(made.parent))


def make_build(place: Path, name: str, commit: str, say: Say) -> Build:
    """Make a worktree of the commit and install it; raise KpiError when that fails."""
    build = Build(place / name, commit)
    if build.folder.exists():
        raise BadInput(f"{build.folder} exists; use it with --before or --build, or delete it.")
    # .ci/run looks for tools beside the checkout.
    beside, wanted = REPOSITORY.parent / "shared", place / "shared"
    if beside.is_dir() and not wanted.exists():
        wanted.symlink_to(beside)
    say(f"{name}: installing {commit[:7]} in {build.folder}")
    for command in (
        ["git", "worktree", "add", "--quiet", "--detach", str(build.folder), commit],
        ["make", "--no-print-directory", "-C", str(build.folder), "install"],
    ):
        code = subprocess.run(
            command, cwd=REPOSITORY, env=clean_environment(), stdout=sys.stderr, check=False
        ).returncode
        if code:
            raise KpiError(f"{' '.join(command)} ended with exit code {code}.")
    return build


def _git(folder: Path, *arguments: str) -> str:
    """Return git's output; empty when it fails."""
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    ).stdout.strip()
