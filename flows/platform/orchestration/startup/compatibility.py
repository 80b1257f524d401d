"""Where Prefect 3 differs from Prefect 2: the flows run the same under both.

Import it only after Prefect is configured.
"""

import logging
from typing import Any

from prefect import Task, settings


class StepTask(Task[..., Any]):
    """A task whose call raises the error when its function returns a Failed state.

    Prefect 2 does so by itself; Prefect 3 returns the state, and the flow would go on.
    """

    def __call__(self, *args: Any, return_state: bool = False, **kwargs: Any) -> Any:
        """Run the task; return its result, or its state if `return_state`."""
        state: Any = super().__call__(*args, return_state=True, **kwargs)
        return state if return_state else state.result()


def log_from_prefects_level() -> None:
    """Give our loggers Prefect's log level; Prefect 3 does not set it."""
    level = logging.getLogger("prefect.extra").level
    for name in settings.PREFECT_LOGGING_EXTRA_LOGGERS.value():
        if logging.getLogger(name).level == logging.NOTSET:
            logging.getLogger(name).setLevel(level)


def takes_events() -> bool:
    """Return whether a Prefect server that accepts events is configured."""
    # Prefect 3 has no such setting: its servers always do.
    enabled = getattr(settings, "PREFECT_EXPERIMENTAL_EVENTS", True)
    return bool(settings.PREFECT_API_URL.value() and enabled)
