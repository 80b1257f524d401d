"""What a Prefect server knows about this project: deployments, a work pool, an automation."""

import os

from flows.paths import REPOSITORY


def enter_project() -> dict[str, str]:
    """Change to this project's folder, wherever the worker has it installed.

    The pull step of every deployment; Prefect servers store it under this name.
    """
    os.chdir(REPOSITORY)
    return {"directory": str(REPOSITORY)}
