"""The log of a flow run as a file, in addition to Prefect's own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.errors import KpiError
from flows.log_lines import belongs_from_now_to, log_formatter
from flows.platform.pipeline.unexpected import IN_FULL
from flows.platform.storage.layout import run_log
from flows.platform.storage.object_store import put
from flows.settings import Settings
from flows.terminal_log import AsSet

logger = logging.getLogger(__name__)

_LOGGERS = ("flows", "prefect.flow_runs", "prefect.task_runs", IN_FULL.name)
_LINE = "%(asctime)s | %(levelname)-7s | "


@contextmanager
def recorded_log(settings: Settings, flow: str, run_id: str) -> Iterator[None]:
    """Write what is logged inside, and how it ended, to the run's file; then store the file.

    A retried run appends to its file. A problem with the log never fails the run.
    """
    path = run_log(settings, flow, run_id)
    try:
        handler = _handler(settings, path)
    except OSError as error:
        logger.warning("The run's log cannot be written: %s.", error)
        yield
        return
    for name in _LOGGERS:
        logging.getLogger(name).addHandler(handler)
    try:
        yield
    except BaseException as error:
        # Prefect logs how a run ended only later.
        handler.handle(_last_record(error))
        raise
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(handler)
        handler.close()
        _keep(settings, path)


def _handler(settings: Settings, path: Path) -> logging.Handler:
    from prefect.logging.formatters import PrefectFormatter

    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    text = PrefectFormatter(
        format=f"{_LINE}%(name)s - %(message)s",
        flow_run_fmt=f"{_LINE}Flow run %(flow_run_name)r - %(message)s",
        task_run_fmt=f"{_LINE}Task run %(task_run_name)r - %(message)s",
    )
    handler.setFormatter(log_formatter(settings.log_format, text))
    return handler


def _last_record(error: BaseException) -> logging.LogRecord:
    # A KpiError's message is enough to act on; a bug needs its traceback.
    trace = None if isinstance(error, KpiError) else (type(error), error, error.__traceback__)
    return logging.LogRecord(
        logger.name, logging.ERROR, __file__, 0, str(error) or type(error).__name__, None, trace
    )


def _keep(settings: Settings, path: Path) -> None:
    try:
        put(settings, path)
    except Exception as error:
        text = str(error) if isinstance(error, KpiError) else type(error).__name__
        logger.warning("The run's log stays in %s only: %s", path, text)


@contextmanager
def known_once_created() -> Iterator[None]:
    """Give the lines of a flow that starts inside the run's id as soon as Prefect has made the run.

    The first of them says that the run was created, before the run begins.
    """
    from prefect.client.orchestration import PrefectClient

    clients: Any = PrefectClient
    create = clients.create_flow_run

    async def create_and_know(client: PrefectClient, *arguments: Any, **named: Any) -> Any:
        run = await create(client, *arguments, **named)
        belongs_from_now_to(str(run.id))
        return run

    clients.create_flow_run = create_and_know
    try:
        yield
    finally:
        clients.create_flow_run = create


def prefect_lines(**formats: str) -> logging.Formatter:
    """Return the formatter of Prefect's lines on a terminal; Prefect calls it with its formats."""
    from prefect.logging.formatters import PrefectFormatter

    return AsSet(PrefectFormatter(**formats))
