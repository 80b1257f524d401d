"""Try from inside a container: from its networks, with an image that has Python."""

import json
import subprocess
from typing import Any, NamedTuple

from tests.stack.stack import PATIENCE

_TRY = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def answers(place):
    try:
        socket.create_connection(place, timeout=3).close()
    except OSError:
        return False
    return True
places = json.load(sys.stdin)
with ThreadPoolExecutor(64) as threads:
    print(json.dumps(list(threads.map(answers, places))))
"""


class Place(NamedTuple):
    """Where something may answer."""

    host: str
    port: int


def answering(container: dict[str, Any], image: str, places: list[Place]) -> set[Place]:
    """The places at which something answers whoever is where this container is."""
    command = ["docker", "run", "--rm", "--interactive", f"--network=container:{container['Id']}"]
    done = subprocess.run(
        [*command, "--entrypoint", "python", image, "-c", _TRY],
        input=json.dumps(places),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {place for place, found in zip(places, json.loads(done.stdout), strict=True) if found}


def addresses(container: dict[str, Any]) -> list[str]:
    """Its address in each of its networks."""
    networks = container["NetworkSettings"]["Networks"].values()
    return [network["IPAddress"] for network in networks if network["IPAddress"]]
