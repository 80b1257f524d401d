"""What the embedded services ask of the machine: ports, processes, private files, waiting."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from flows.errors import KpiError

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.05


def is_free(port: int) -> bool:
    """Tell whether a server can listen on the loopback port."""
    with socket.socket() as probe:
        # As servers do: connections that ended just now are in nobody's way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except (OSError, OverflowError):
            return False
    return True


def free_port() -> int:
    """Return a loopback port that is free now; someone else may take it any moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def command_line(pid: int) -> list[str]:
    """Return the arguments of a process, none when it ended or is somebody else's."""
    try:
        arguments: list[str] = psutil.Process(pid).cmdline()
    except psutil.Error:
        return []
    return arguments


def read_text(path: Path) -> str | None:
    """Return the file's text without blanks around it, None when there is no such file.

    Raises KpiError when another user keeps it private.
    """
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError as error:
        raise KpiError(f"{path} belongs to another user: run kpi as that user.") from error


def write_private(path: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Wait until `done()` is true; return whether it became so in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
