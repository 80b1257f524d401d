"""The benchmark of the app measures every page; how fast they are is for it to print."""

import subprocess
import sys
from collections.abc import Callable

from benchmarks.app.__main__ import PAGES
from flows.paths import REPOSITORY
from flows.settings import Settings


def test_the_benchmark_measures_every_page(serve: Callable[[Settings], str]) -> None:
    command = [sys.executable, "-m", "benchmarks.app", "--repetitions", "1", "--address"]
    measured = run(*command, serve(Settings()))
    assert all(page in measured for page in PAGES)


def test_the_benchmark_ranks_scores_of_its_own_beside_the_other_pages() -> None:
    command = [sys.executable, "-m", "benchmarks.app", "--repetitions", "1", "--scores", "3000"]
    measured = run(*command)
    assert all(page in measured for page in PAGES)
    assert "at_risk / median of" in measured


def run(*command: str) -> str:
    """Return what the benchmark prints."""
    done = subprocess.run(command, cwd=REPOSITORY, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
