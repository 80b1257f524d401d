"""The process that starts a measured command and adopts every process it leaves behind.

It imports none of our modules that set environment variables, which the command would inherit.
"""

import json
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.startup.family import (
    adopt_orphans,
    all_ended,
    cpu_seconds,
    end_all,
    wait_for,
)
from benchmarks.startup.memory import PeakMemory

_PATIENCE_SECONDS = 10  # for leftover processes to end by themselves
_FINISH_SECONDS = 120


@dataclass(frozen=True)
class Order:
    """A command and the folder it runs in; its output goes to the file `log`.

    `stays`: what it starts is meant to keep running, so the figures are taken when the command
    ends. Afterwards `finish` stops what still runs.
    """

    command: list[str]
    folder: str
    log: str
    finish: list[str]
    stays: bool = False


@dataclass(frozen=True)
class Figures:
    """What the command and everything it started used."""

    cpu: float
    wall: float
    peak_memory_mb: float


@dataclass(frozen=True)
class Outcome:
    """How the command ended, and what it used until then."""

    exit_code: int
    figures: Figures


def main(order: str) -> None:
    """Measure the order, given as JSON; print the outcome and leave no process behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    adopt_orphans()
    wanted = Order(**json.loads(order))
    with Path(wanted.log).open("wb") as log:
        try:
            outcome = _measure(wanted, log.fileno())
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            _end(wanted, log.fileno())
    sys.stdout.write(json.dumps(asdict(outcome)))


def _measure(order: Order, log: int) -> Outcome:
    with PeakMemory() as memory:
        started = time.perf_counter()
        process = _start(order.command, order, log)
        process.returncode = wait_for(process.pid)
        wall = time.perf_counter() - started
        if not order.stays:
            all_ended(_PATIENCE_SECONDS)
        cpu = cpu_seconds()
    return Outcome(process.returncode, Figures(cpu, wall, memory.megabytes))


def _end(order: Order, log: int) -> None:
    if not all_ended() and order.finish:
        finish = _start(order.finish, order, log)
        try:
            finish.wait(_FINISH_SECONDS)
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"{order.finish} did not end within {_FINISH_SECONDS} s.\n")
    if not all_ended():
        end_all()


def _start(command: list[str], order: Order, log: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        cwd=order.folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
