"""`python -m supply_chain`, as the Makefile's targets call it."""

import os
import subprocess
import sys
from pathlib import Path

from flows.paths import REPOSITORY


def supply_chain(
    *arguments: str | Path, cwd: Path = REPOSITORY, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run it to its end, in a folder that has what it needs."""
    return subprocess.run(
        [sys.executable, "-m", "supply_chain", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
