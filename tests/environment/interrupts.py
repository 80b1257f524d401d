"""Ctrl-C at any moment of a call, of which Python loses those that come while it frees something.

In a process of its own, where an alarm stands for Ctrl-C: here, it is what ends a test in time.
"""

import subprocess
import sys

_PROGRAM = """
import random, signal, time
{setup}

def interrupt(*_):
    global arrived
    arrived += 1
    raise KeyboardInterrupt

call()
begun = time.perf_counter()
call()
took = time.perf_counter() - begun
random.seed(2026)
arrived = ended = 0
signal.signal(signal.SIGALRM, interrupt)
while arrived < 1000:
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-4, took))
        call()
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        ended += 1
print(arrived - ended)
"""


def lost_interrupts(setup: str) -> int:
    """Return how many of a thousand interrupts did not end what `setup` defines as `call`."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(setup=setup)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)
