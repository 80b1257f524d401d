"""How long Prefect's API may take to start within this process."""

from typing import Any


def wait_for_prefect(seconds: int) -> None:
    """Give it so many seconds to start and to stop; import Prefect before.

    Prefect 2 gives it 30, without a setting; a busy machine needs more. Prefect 3 starts a server
    instead, and has a setting (see `configure_prefect`).
    """
    from asgi_lifespan import LifespanManager
    from prefect.client import base

    def patient(app: Any, **_: object) -> LifespanManager:
        return LifespanManager(app, startup_timeout=seconds, shutdown_timeout=seconds)

    # Where Prefect looks it up at each start.
    vars(base)["LifespanManager"] = patient
