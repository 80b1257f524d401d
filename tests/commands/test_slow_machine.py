"""On a machine so slow that Prefect takes minutes to start the run begins."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.local.machine import wait_until

PATIENCE = 300
PREFECTS_OWN = 30  # seconds that Prefect 2 gives its API to start

pytestmark = pytest.mark.xdist_group("servers")


def run_slowly(folder: Path, seconds: float) -> tuple[int, str]:
    """Run `kpi run`, and stop the process for a while as soon as Prefect's API starts."""
    database = folder / "prefect.db"
    process = subprocess.Popen(
        [Path(sys.executable).with_name("kpi"), "run"],
        env={
            **os.environ,
            # One that nobody laid out: Prefect does it while its API starts.
            "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        assert wait_until(database.exists, PATIENCE)
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, said


@pytest.mark.usefixtures("warehouse")
def test_the_run_begins_however_long_it_takes(tmp_path: Path) -> None:
    code, said = run_slowly(tmp_path, PREFECTS_OWN + 1)

    assert "Published" in said
    assert (code, said.count("Traceback")) == (0, 0)
