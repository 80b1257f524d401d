"""Whether the platform's ports are free on this machine."""

import contextlib
import errno
import re
import socket
from collections.abc import Mapping
from typing import NamedTuple

from compose.stack import engine
from compose.stack.profiles import PORTS, parts
from compose.stack.speech import Refusal

LOOPBACK = "127.0.0.1"
HIGHEST = 65535

_PUBLISHED = re.compile(r":(\d+)(?:-(\d+))?->")


class Holder(NamedTuple):
    """The container that publishes a port, and its project."""

    project: str
    container: str


def ports_are_free(values: Mapping[str, str], profiles: tuple[str, ...], file: str) -> None:
    """Refuses a port that is no port, is given twice, or is held by anything but the platform.

    `file` is how sentences call the environment file that the values are from.
    """
    chosen = _numbers(values, profiles, file)
    holders = _holders()
    for port, name in chosen.items():
        holder = holders.get(port)
        if holder and holder.project == values["COMPOSE_PROJECT_NAME"]:
            continue
        if holder or _taken(port):
            by = f" by the container {holder.container}" if holder else ""
            raise Refusal(
                f"Port {port} of this machine is taken{by}: end what uses it, "
                f"or set {name} in {file} to another."
            )


def _numbers(values: Mapping[str, str], profiles: tuple[str, ...], file: str) -> dict[int, str]:
    """The variable of each port; refuses what is no port, or stands twice."""
    chosen: dict[int, str] = {}
    for name in (name for part in parts(profiles) for name in PORTS[part]):
        if name == "POSTGRES_PORT" and values["POSTGRES_SERVERS"] == "0":
            continue
        value = values[name]
        if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= HIGHEST:
            raise Refusal(f"{name} in {file} is {value!r}: a port is a number from 1 to {HIGHEST}.")
        port = int(value)
        if port in chosen:
            raise Refusal(f"{chosen[port]} and {name} in {file} are both {port}: change one.")
        chosen[port] = name
    return chosen


def _holders() -> dict[int, Holder]:
    """What running containers publish."""
    held = {}
    form = '{{.Label "com.docker.compose.project"}}\t{{.Names}}\t{{.Ports}}'
    for line in engine.lines("ps", "--format", form):
        project, container, published = line.split("\t")
        for first, last in _PUBLISHED.findall(published):
            for port in range(int(first), int(last or first) + 1):
                held[port] = Holder(project, container)
    return held


def _taken(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    with socket.socket() as trial:
        # What has just ended leaves a port that can be used again.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError as error:
            # A low port is the engine's to open, which may do what this user may not.
            return error.errno == errno.EADDRINUSE
    return False
