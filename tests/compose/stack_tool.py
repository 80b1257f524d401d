"""What tests of the tool on the host have in common."""

import subprocess
from collections.abc import Callable

from compose.stack.profiles import PORTS

FILE = "compose/.env"
ALL_PORTS = [name for names in PORTS.values() for name in names]
STARTED = "up --detach --wait --wait-timeout 600 --remove-orphans"
EVERY_PROFILE = "--profile *"

Tool = Callable[..., subprocess.CompletedProcess[str]]
