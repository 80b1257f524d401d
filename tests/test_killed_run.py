"""A test run that is killed leaves no PostgreSQL behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PATIENCE
from tests.environment.watched_server import WATCH

# A server of ours handles the signal; a script's background jobs let their children ignore it.
SLEEP = """
import signal, time
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(("last_words", "lives"), [(b"", False), (b"ended well", True)])
def test_only_a_run_that_was_killed_takes_its_server_with_it(
    last_words: bytes, lives: bool, tmp_path: Path
) -> None:
    lock_file = tmp_path / "postmaster.pid"
    server = subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        lock_file.write_text(f"{server.pid}\n/data\n")
        with subprocess.Popen(
            [sys.executable, "-c", WATCH, str(lock_file)], stdin=subprocess.PIPE
        ) as watch:
            watch.communicate(last_words, timeout=PATIENCE)
        assert watch.returncode == 0
        if lives:
            assert server.poll() is None
        else:
            assert server.wait(PATIENCE) == -signal.SIGQUIT
    finally:
        server.kill()
        server.communicate()
