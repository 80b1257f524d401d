"""What a Prefect server knows of this project: deployments, a work pool, an automation."""

import os

from flows.paths import REPOSITORY


def enter_project() -> dict[str, str]:
    """Make this project's folder the working directory, wherever the worker has it installed.

    The pull step of every deployment: servers know it by this name.
    """
    os.chdir(REPOSITORY)
    return {"directory": str(REPOSITORY)}
