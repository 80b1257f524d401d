"""On a machine so slow that Prefect takes minutes to start, the run begins, or says what to do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.local.machine import wait_until
from flows.platform.settings import Settings

PATIENCE = 300
PREFECTS_OWN = 30  # seconds that Prefect 2 gives its API to start

pytestmark = pytest.mark.long


def run_slowly(folder: Path, seconds: float, **environment: str) -> tuple[int, str]:
    """Run `kpi run`, and stop the process for a while as soon as Prefect's API starts."""
    database = folder / "prefect.db"
    process = subprocess.Popen(
        [Path(sys.executable).with_name("kpi"), "run"],
        env={
            **os.environ,
            # One that nobody laid out: Prefect does it while its API starts.
            "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
            **environment,
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


def test_the_run_begins_however_long_it_takes(warehouse: Settings, tmp_path: Path) -> None:
    code, said = run_slowly(tmp_path, PREFECTS_OWN + 1)

    assert "Published" in said
    assert (code, said.count("Traceback")) == (0, 0)
    assert warehouse.patience_seconds > PREFECTS_OWN


@pytest.mark.usefixtures("warehouse")
def test_patience_that_ends_is_one_sentence(tmp_path: Path) -> None:
    code, said = run_slowly(tmp_path, 2, KPI_PATIENCE_SECONDS="1")

    assert "Prefect did not start within 1 seconds, and nothing was run" in said
    assert "KPI_PATIENCE_SECONDS" in said
    assert (code, said.count("Traceback")) == (1, 0)
