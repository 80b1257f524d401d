"""The benchmark of the app measures every page; how fast they are is for it to print."""

import subprocess
import sys
from collections.abc import Callable

from benchmarks.app.__main__ import PAGES
from flows.paths import REPOSITORY
from flows.settings import Settings


def test_the_benchmark_measures_every_page(serve: Callable[[Settings], str]) -> None:
    command = [sys.executable, "-m", "benchmarks.app", "--repetitions", "1", "--address"]
    measured = subprocess.run(
        [*command, serve(Settings())], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    assert all(page in measured.stdout for page in PAGES)


def test_the_benchmark_ranks_scores_of_its_own_beside_the_other_pages() -> None:
    command = [sys.executable, "-m", "benchmarks.app", "--repetitions", "1", "--scores", "3000"]
    measured = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    assert all(page in measured.stdout for page in PAGES)
    assert "at_risk / median of" in measured.stdout
