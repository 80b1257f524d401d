"""Whether this machine can run the platform: each check raises one sentence."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from compose.stack import engine
from compose.stack.engine import NoAnswer
from compose.stack.images import is_there
from compose.stack.profiles import MEMORY_GIB, parts
from compose.stack.speech import Refusal

OLDEST_ENGINE = (20, 10)
OLDEST_COMPOSE = (2, 20)
GIB = 1024**3
GB = 1000**3
DISK_TO_BUILD_GB = 12
DISK_TO_RUN_GB = 3


def engine_answers() -> None:
    """Refuses when docker is missing, or its engine does not answer, or is too old."""
    try:
        version = engine.answer("version", "--format", "{{.Server.Version}}")
    except NoAnswer as error:
        if "permission denied" in error.complaint.lower():
            raise Refusal(
                "Docker's engine does not let this user in: add it to the group docker "
                "(sudo usermod -aG docker $USER) and log in again."
            ) from None
        raise Refusal(
            "Docker's engine does not answer: start it (sudo systemctl start docker, "
            "or Docker Desktop) and try again."
        ) from None
    if _version(version, OLDEST_ENGINE) < OLDEST_ENGINE:
        raise Refusal(
            f"Docker's engine is version {version}: the platform needs {_dotted(OLDEST_ENGINE)} "
            "or newer (https://docs.docker.com/engine/install/)."
        )


def compose_is_there() -> None:
    """Refuses when Compose is missing or too old."""
    how = "install the plugin docker-compose-plugin (https://docs.docker.com/compose/install/)"
    try:
        version = engine.answer("compose", "version", "--short")
    except NoAnswer:
        raise Refusal(f"`docker compose` is not there: {how}.") from None
    if _version(version, OLDEST_COMPOSE) < OLDEST_COMPOSE:
        raise Refusal(
            f"Docker Compose is version {version}: the platform needs "
            f"{_dotted(OLDEST_COMPOSE)} or newer; {how}."
        )


def machine_is_big_enough(profiles: tuple[str, ...], images: list[str]) -> None:
    """Refuses when the engine has too little memory for the profiles, or too little disk.

    The images are those that are about to be built.
    """
    machine = json.loads(engine.answer("info", "--format", "{{json .}}"))
    _memory(machine, profiles)
    _disk(machine, DISK_TO_RUN_GB if all(map(is_there, images)) else DISK_TO_BUILD_GB)


def _memory(machine: dict[str, Any], profiles: tuple[str, ...]) -> None:
    has, needs = machine.get("MemTotal", 0) / GIB, sum(MEMORY_GIB[part] for part in parts(profiles))
    if 0 < has < needs:
        raise Refusal(
            f"Docker's engine has {has:.1f} GiB of memory, and {' + '.join(parts(profiles))} "
            f"{'need' if profiles else 'needs'} {needs:g}: give it more, or choose fewer profiles "
            "(make up PROFILE=core)."
        )


def _disk(machine: dict[str, Any], needs: int) -> None:
    folder = Path(machine.get("DockerRootDir") or "/var/lib/docker")
    # Docker Desktop keeps its data in a virtual machine, where this folder is another one.
    if machine.get("OperatingSystem") == "Docker Desktop":
        return
    try:
        has = shutil.disk_usage(folder).free / GB
    except OSError:  # an engine on another machine, or a folder that only root may see
        return
    if has < needs:
        raise Refusal(
            f"The disk of {folder} has {has:.1f} GB free, and the platform needs {needs}: "
            "make room (docker system df shows what Docker keeps)."
        )


def _version(text: str, unknown: tuple[int, int]) -> tuple[int, int]:
    """Major and minor; builds of developers have no number and pass."""
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else unknown


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
