"""What to show of a platform that did not start."""

import json
from typing import Any

from compose.stack import engine
from compose.stack.engine import EVERY_PROFILE, Compose
from compose.stack.speech import Failed, say

LINES = "20"
STARTING = "is still starting"

# Why the engine could not start a container: a port, a folder.
_ERROR = "{{.State.Error}}"


def tell_what_failed(compose: Compose, code: int, patience: str) -> Failed:
    """Show the last lines of the services that failed; the error that says which they are.

    `code` is Compose's exit code, `patience` how many seconds it waited. Everything stays as it
    is, to be looked at.
    """
    states = {found["Service"]: _state(found) for found in _services(compose)}
    failed = [name for name, state in states.items() if state not in ("", STARTING)]
    # One that still starts is to blame only when nothing has failed that it may wait for.
    blamed = failed or [name for name, state in states.items() if state]
    for name in blamed:
        say(f"\nThe last lines of {name}, which {states[name]}:")
        compose.run(*EVERY_PROFILE, "logs", "--no-log-prefix", "--tail", LINES, name)
    if not blamed:
        return Failed("The platform did not start; the lines above say why.", code)
    what = ", ".join(f"{name} {states[name]}" for name in blamed)
    slow = (
        ""
        if failed
        else (
            f" A slow machine needs more than {patience} seconds: set KPI_PATIENCE_SECONDS in "
            "compose/.env to more."
        )
    )
    return Failed(
        f"The platform did not start: {what}.{slow} Everything is left as it is: "
        f"make logs SERVICE={blamed[0]} shows more, and make up tries again.",
        code,
    )


def _services(compose: Compose) -> list[dict[str, Any]]:
    """The platform's containers, without those of a single command."""
    text = compose.answer("ps", "--all", "--format", "json")
    # Compose before 2.21 writes one list, a later one an object a line.
    found = json.loads(text) if text.startswith("[") else map(json.loads, text.splitlines())
    return [one for one in found if "com.docker.compose.oneoff=True" not in one.get("Labels", "")]


def _state(container: dict[str, Any]) -> str:
    """What is wrong with a container, as said after its name; nothing when nothing is."""
    state, health = container["State"], container.get("Health", "")
    if state == "created" and (
        why := engine.answer("inspect", "--format", _ERROR, container["ID"])
    ):
        return f"could not be started ({why})"
    if state == "exited":
        return f"ended with exit code {container['ExitCode']}" if container["ExitCode"] else ""
    if state in ("restarting", "dead"):
        return f"is {state}"
    if health == "unhealthy":
        return "is unhealthy"
    return STARTING if health == "starting" else ""
