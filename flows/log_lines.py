"""Which run a log line, a connection and a lineage event belong to, and how log lines look.

One id goes through everything that a run leaves: the orchestrator's own for Prefect, the DAG and
its run for Airflow. Standard library only.
"""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

NO_RUN = "-"
_OF_THE_PROCESS = "PREFECT__FLOW_RUN_ID"

_run_id: ContextVar[str] = ContextVar("run_id", default=NO_RUN)


@contextmanager
def belongs_to(run_id: str) -> Iterator[None]:
    """Give everything inside the run's id: log lines, connections, events."""
    token = _run_id.set(run_id)
    try:
        yield
    finally:
        _run_id.reset(token)


def belongs_from_now_to(run_id: str) -> None:
    """Give what follows in this context the run's id: the run has just come to be in it."""
    _run_id.set(run_id)


def current_run_id() -> str:
    """Return the id of the run that is under way here; `NO_RUN` outside of runs.

    A process that a Prefect worker starts for a run is all that run's.
    """
    found = _run_id.get()
    return found if found != NO_RUN else os.environ.get(_OF_THE_PROCESS) or NO_RUN


def _run_of(record: logging.LogRecord) -> str:
    # A worker logs about many runs, and Prefect says which.
    told = str(getattr(record, "flow_run_id", None) or NO_RUN)
    return told if told not in (NO_RUN, "<unknown>") else current_run_id()


class WithRun(logging.Formatter):
    """Lines of text: the run's id, then what another formatter makes of the record."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return f"{_run_of(record)} | {self._inner.format(record)}"


class AsJson(logging.Formatter):
    """Lines of JSON: `time`, `level`, `logger`, `run`, `message`, and `error` with a traceback.

    `step` is there where Prefect says which task logged.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "run": _run_of(record),
            "message": record.getMessage(),
        }
        if step := getattr(record, "task_run_name", None):
            line["step"] = step
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_formatter(log_format: str, inner: logging.Formatter) -> logging.Formatter:
    """Return the formatter for the setting `log_format`; `inner` formats what is text."""
    return AsJson() if log_format == "json" else WithRun(inner)
