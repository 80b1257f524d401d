"""How programs are found and run, so that Ctrl-C lets them end what they are doing."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from hosted.refusal import Refusal

REPOSITORY = Path(__file__).resolve().parents[1]


class Interrupted(Exception):
    """Somebody pressed Ctrl-C, and the program has ended in its own way."""


def found(name: str, otherwise: str) -> str:
    """Where a program is; refuses with this sentence when it is nowhere."""
    path = shutil.which(name)
    if path is None:
        raise Refusal(otherwise)
    return path


def run(
    *command: str | Path,
    cwd: Path = REPOSITORY,
    environment: Mapping[str, str] | None = None,
    **streams: Any,
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, whatever that is; `streams` are those of subprocess."""
    with _interrupts_left_to_it() as interrupted:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | (environment or {}),
            text=True,
            check=False,
            **streams,
        )
    if interrupted and done.returncode:
        raise Interrupted
    return done


@contextmanager
def _interrupts_left_to_it() -> Iterator[list[int]]:
    """Ctrl-C reaches the program as well: killed by us, Terraform would lose what it just made."""
    interrupted: list[int] = []

    def remember(number: int, _: FrameType | None) -> None:
        interrupted.append(number)

    # A function, which a program does not inherit as it would SIG_IGN.
    before = signal.signal(signal.SIGINT, remember)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
