"""`.ci/run` tells what its time went to, and ends itself before somebody else ends it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flows.paths import REPOSITORY

# Stands in for the project's: its first section never ends.
_MAKEFILE = "demo:\n\tsleep 300\n"
_SECTIONS = REPOSITORY / ".ci" / "sections"

_FAILS_BESIDE = f"""
set -euo pipefail
source {_SECTIONS}
broken() {{ echo "what it said"; false; echo "what it never says"; }}
section first
start_beside platform broken
while kill -0 "${{beside[platform]}}" 2> /dev/null; do sleep .01; done
section second
"""

# As pytest does, it takes down what it started when it is interrupted.
_TAKES_DOWN = f"""
set -euo pipefail
source {_SECTIONS}
platform() {{ trap 'rm "$0"; exit 1' INT; touch "$0"; while true; do sleep .01; done; }}
section first
start_beside platform platform
until [ -e "$0" ]; do sleep .01; done
false
"""


def bash(*arguments: str | Path, seconds: int = 60) -> "subprocess.CompletedProcess[str]":
    """Run it in bash, for so many seconds at most."""
    return subprocess.run(
        ["bash", *arguments],
        env={**os.environ, "KPI_CI_SECONDS": str(seconds)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_ends_itself_with_a_sentence(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / ".ci", tmp_path / ".ci")
    (tmp_path / "Makefile").write_text(_MAKEFILE)

    done = bash(tmp_path / ".ci" / "run", seconds=1)

    assert done.returncode != 0
    assert re.search(
        r"^ +\d+ s +\d+ % busy  The README's commands$", done.stdout, flags=re.MULTILINE
    )
    assert done.stderr.endswith("It ended itself in: The README's commands\n")


def test_what_fails_beside_a_section_is_shown_before_the_next() -> None:
    done = bash("-c", _FAILS_BESIDE)

    assert done.returncode == 1
    assert "\n--- platform\nwhat it said\n" in done.stdout
    assert "never" not in done.stdout
    assert "=== second" not in done.stdout
    assert re.search(r"^ +\d+ s  beside those  platform$", done.stdout, flags=re.MULTILINE)


@pytest.mark.usefixtures("ctrl_c")
def test_what_runs_beside_takes_down_what_it_started_when_a_section_fails(tmp_path: Path) -> None:
    started = tmp_path / "started"

    done = bash("-c", _TAKES_DOWN, started)

    assert done.returncode == 1
    assert not started.exists()
