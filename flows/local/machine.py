"""What the embedded services need from the machine: ports, processes, private files, waiting."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from flows.errors import KpiError

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.05
_PROCESSES = Path("/proc")  # macOS has none


def is_free(port: int) -> bool:
    """Return whether a server can listen on the loopback port."""
    with socket.socket() as probe:
        # As servers do: recently closed connections must not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except (OSError, OverflowError):
            return False
    return True


def free_port() -> int:
    """Return a loopback port that is free now; another process may take it at any time."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def command_line(pid: int) -> list[str]:
    """Return a process's arguments; none when it has ended or we may not read them."""
    try:
        # On Linux psutil reads the same file, and takes longer to load than to read it.
        if _PROCESSES.is_dir():
            told = (_PROCESSES / str(pid) / "cmdline").read_text(encoding="utf-8", errors="replace")
            return told.split("\0")[:-1]
    except OSError:
        return []
    import psutil

    try:
        arguments: list[str] = psutil.Process(pid).cmdline()
    except psutil.Error:
        return []
    return arguments


def read_text(path: Path) -> str | None:
    """Return the file's text, stripped, or None when there is no such file.

    Raises KpiError when it belongs to another user and is private.
    """
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError as error:
        raise KpiError(f"{path} belongs to another user: run kpi as that user.") from error


def write_private(path: Path, text: str) -> None:
    """Atomically write a file that only we can read."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def wait_until(done: Callable[[], bool], seconds: float, *, moment: bool = False) -> bool:
    """Wait until `done()` is true; return whether it became so in time.

    It is asked less and less often, for to ask may cost as much as what is waited for: after so
    long a pause as a twentieth of the time that has passed, and a second at most. What is true for
    a `moment` alone is asked for as often as at first.
    """
    began = time.monotonic()
    while not done():
        passed = time.monotonic() - began
        if passed > seconds:
            return False
        time.sleep(POLL_SECONDS if moment else min(max(POLL_SECONDS, passed / 20), 1))
    return True
