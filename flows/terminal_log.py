"""How log lines look on the terminal, or in a container's log: the same for every process."""

import logging
import os
from functools import cache

from flows.errors import KpiError
from flows.log_lines import log_formatter

_LINE = "%(asctime)s %(levelname)s %(message)s"


class AsSet(logging.Formatter):
    """Lines as KPI_LOG_FORMAT says, which is read with the first one; `inner` formats text."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        chosen = _log_format(os.environ.get("KPI_LOG_FORMAT"))
        return log_formatter(chosen, self._inner).format(record)


def log_to_stderr() -> None:
    """Write what is logged in this process to stderr, until Prefect does so in its place."""
    handler = logging.StreamHandler()
    handler.setFormatter(AsSet(logging.Formatter(_LINE)))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


@cache
def _log_format(_variable: str | None) -> str:
    # Not before there is a line: most commands write none, and one that is listed reads no setting.
    from flows.settings import load_settings

    try:
        return load_settings().log_format
    except KpiError:
        # Somebody else says what is wrong with the settings.
        return "text"
