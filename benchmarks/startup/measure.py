"""Measures commands, each in its own helper process."""

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.startup import helper
from benchmarks.startup.helper import Figures, Order
from flows.errors import KpiError
from flows.paths import REPOSITORY

# The locations of the tests' tools are kept; everything else that changes behaviour is dropped.
_KEPT = "KPI_TEST_"
_DROPPED = ("KPI_", "MAKE", "MFLAGS", "MLFLOW_", "PREFECT_", "GIT_", "PYTHONPATH", "VIRTUAL_ENV")
_LINES_SHOWN = 15


def clean_environment(home: Path | None = None) -> dict[str, str]:
    """Return our environment without the project's configuration, except the home."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_KEPT) or not name.startswith(_DROPPED)
    }
    return kept if home is None else kept | {"KPI_HOME": str(home)}


def measure(order: Order, home: Path | None = None) -> Figures:
    """Run the command to its end, stop what it left running; raise KpiError when it fails."""
    process = subprocess.Popen(
        [sys.executable, "-m", helper.__name__, json.dumps(vars(order))],
        cwd=REPOSITORY,
        env=clean_environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        answer, _ = process.communicate()
    finally:
        # When interrupted, let the helper stop what it has started.
        if process.poll() is None:
            process.terminate()
            process.wait()
    command = " ".join(order.command)
    if process.returncode:
        raise KpiError(f"{command}: the measuring process ended with {process.returncode}.")
    outcome = json.loads(answer)
    if outcome["exit_code"]:
        said = Path(order.log).read_text(encoding="utf-8", errors="replace").splitlines()
        raise KpiError(
            "\n".join(
                [
                    f"{command} in {order.folder} ended with exit code {outcome['exit_code']}:",
                    *said[-_LINES_SHOWN:],
                ]
            )
        )
    return Figures(**outcome["figures"])
