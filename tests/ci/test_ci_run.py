"""`.ci/run` tells what its time went to, and ends itself before somebody else ends it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from flows.paths import REPOSITORY

# Stands in for the project's: its first section never ends.
_MAKEFILE = "demo:\n\tsleep 300\n"


def test_it_ends_itself_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(REPOSITORY / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "Makefile").write_text(_MAKEFILE)

    done = subprocess.run(
        ["bash", tmp_path / ".ci" / "run"],
        env={**os.environ, "KPI_CI_SECONDS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode != 0
    assert re.search(
        r"^ +\d+ s +\d+ % busy  The README's commands$", done.stdout, flags=re.MULTILINE
    )
    assert done.stderr.endswith("It ended itself in: The README's commands\n")
