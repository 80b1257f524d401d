"""What ends a test run's server where the run itself cannot."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flows.local.postgres.server import PostgresServer

# Waits for the end of its input; unless something was written, a killed test run left the server.
WATCH = """
import os, pathlib, signal, sys
if not sys.stdin.read():
    os.kill(int(pathlib.Path(sys.argv[1]).read_text().split()[0]), signal.SIGQUIT)
"""


@contextmanager
def ended_with_this_process(server: PostgresServer) -> Iterator[None]:
    """Let a process of its own end the server when this one is killed: it cannot any more."""
    lock_file = server.data / "postmaster.pid"
    # Its input ends with this process, however that ends.
    with subprocess.Popen(
        [sys.executable, "-c", WATCH, str(lock_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as watch:
        yield
        watch.communicate(b"ended well")
