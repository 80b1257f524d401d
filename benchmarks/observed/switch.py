"""What makes a run seen, switched on and off together: lineage and ids; and a scrape."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

from prometheus_client import CollectorRegistry, generate_latest

from flows.log_lines import log_formatter
from flows.observed.collector import Platform
from flows.observed.serve import Looked
from flows.platform.pipeline import plain_run
from flows.settings import Settings

DISABLED = "OPENLINEAGE_DISABLED"

_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


@contextmanager
def seen(log: Path) -> Iterator[None]:
    """Inside, a run tells its lineage, and its lines and connections have its id."""
    with _lines(log, log_formatter("json", logging.Formatter(_FORMAT))), _lineage(disabled=False):
        yield


@contextmanager
def unseen(log: Path) -> Iterator[None]:
    """Inside, a run does none of this; its lines are written without an id."""
    with ExitStack() as stack:
        stack.enter_context(_lines(log, logging.Formatter(_FORMAT)))
        stack.enter_context(_lineage(disabled=True))
        stack.enter_context(patch.object(plain_run, "belongs_to", nullcontext))
        yield


def scrape(settings: Settings) -> None:
    """Collect and write the metrics, as the endpoint does each time that it is asked."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Looked(Platform(settings).collect()))
    generate_latest(registry)


@contextmanager
def _lines(log: Path, formatter: logging.Formatter) -> Iterator[None]:
    ours = logging.getLogger("flows")
    handler = logging.FileHandler(log, encoding="utf-8")
    handler.setFormatter(formatter)
    level = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield
    finally:
        ours.setLevel(level)
        ours.removeHandler(handler)
        handler.close()


@contextmanager
def _lineage(*, disabled: bool) -> Iterator[None]:
    with patch.dict(os.environ, {DISABLED: str(disabled).lower()}):
        yield
