"""A test run that is killed leaves no PostgreSQL behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PATIENCE, WATCH


@pytest.mark.parametrize(("last_words", "lives"), [(b"", False), (b"ended well", True)])
def test_only_a_run_that_was_killed_takes_its_server_with_it(
    last_words: bytes, lives: bool, tmp_path: Path
) -> None:
    lock_file = tmp_path / "postmaster.pid"
    sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(sleeps) as server:
        lock_file.write_text(f"{server.pid}\n/data\n")
        with subprocess.Popen(
            [sys.executable, "-c", WATCH, str(lock_file)], stdin=subprocess.PIPE
        ) as watch:
            watch.communicate(last_words, timeout=PATIENCE)
        assert watch.returncode == 0
        if lives:
            assert server.poll() is None
            server.kill()
        else:
            assert server.wait(PATIENCE) == -signal.SIGQUIT
