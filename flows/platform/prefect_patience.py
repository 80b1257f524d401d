"""Prefect's API within this process may take as long as the machine needs to start."""

from typing import Any


def wait_for_prefect() -> None:
    """Let it start and stop without a limit; import Prefect before.

    Prefect 2 gives it 30 seconds, without a setting, and ends in a traceback; all that it does is
    work on local files. Prefect 3 starts a server, and has a setting (see `configure_prefect`).
    """
    from asgi_lifespan import LifespanManager
    from prefect.client import base

    def patient(app: Any, **_: object) -> LifespanManager:
        return LifespanManager(app, startup_timeout=None, shutdown_timeout=None)

    # Where Prefect looks it up at each start.
    vars(base)["LifespanManager"] = patient
