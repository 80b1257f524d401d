"""Where events go: a file below the home, or wherever OpenLineage's own settings lead.

Whatever becomes of them, the run goes on: nothing here raises, waits long, or warns twice.
"""

import json
import logging
import os
from contextvars import Context, copy_context
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from queue import Full, Queue
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Protocol

from pydantic_settings import BaseSettings, DotEnvSettingsSource

from flows.platform.pipeline.lineage.events import Event
from flows.platform.storage.layout import lineage_folder
from flows.settings import Settings

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import RunEvent

logger = logging.getLogger(__name__)

WAIT_SECONDS = 5.0
"""The longest that the end of a run, or of a step's process, waits for the receiver."""
_MOST_WAITING = 1000
_SET_BY_THE_CLIENT = "OPENLINEAGE__TRANSPORT__TRANSPORTS__DEFAULT_HTTP"
_LOOK_AGAIN_SECONDS = 0.02
_THREAD = "lineage"
_THAT_SEND = (
    "openlineage.client.utils",
    "openlineage.client.transport.http",
    "urllib3.connectionpool",
)


class Receiver(Protocol):
    """Takes events, and gives up by itself."""

    listens: bool
    """Whether anybody wants events: what they hold costs questions to the warehouse."""

    def take(self, event: Event) -> None:
        """Take an event; return at once."""

    def finish(self) -> None:
        """Wait a moment for what is on its way."""


def receiver(settings: Settings) -> Receiver:
    """Return the receiver that this process uses for the settings and the client's variables."""
    _take_from_file(Path(".env").absolute())
    own = tuple(
        (name, value)
        for name, value in sorted(os.environ.items())
        if name.startswith("OPENLINEAGE_") and not name.startswith(_SET_BY_THE_CLIENT)
    )
    return _receiver(lineage_folder(settings), own)


@cache
def _take_from_file(file: Path) -> None:
    """Set the client's variables that the file of settings has; those that are set win."""
    found = DotEnvSettingsSource(BaseSettings, env_file=file, case_sensitive=True)
    for name, value in found.env_vars.items():
        if name.startswith("OPENLINEAGE_") and value is not None:
            os.environ.setdefault(name, value)


@lru_cache(maxsize=4)
def _receiver(folder: Path, own: tuple[tuple[str, str], ...]) -> Receiver:
    variables = dict(own)
    if variables.get("OPENLINEAGE_DISABLED", "").strip().lower() == "true":
        return _Nobody()
    asked = any(
        name in ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG")
        or name.startswith("OPENLINEAGE__TRANSPORT")
        for name in variables
    )
    return _Sender() if asked else _File(folder)


class _Nobody:
    listens = False

    def take(self, event: Event) -> None:
        """Drop it."""

    def finish(self) -> None:
        """There is nothing to wait for."""


class _File:
    """A file for each month, one event a line."""

    listens = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told = False

    def take(self, event: Event) -> None:
        path = self._folder / f"{datetime.now(UTC):%Y-%m}.jsonl"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # In one write: others append to the same file.
            with path.open("ab", buffering=0) as file:
                file.write(json.dumps(event, ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            if not self._told:
                logger.warning("Lineage cannot be written to %s (%s).", path, error.strerror)
            self._told = True

    def finish(self) -> None:
        """It is written already."""


class _Sender:
    """Sends by the client, from a thread of its own; a receiver that failed is not asked again."""

    listens = True

    def __init__(self) -> None:
        self._waiting: Queue[tuple[Context, Event]] = Queue(_MOST_WAITING)
        self._client: OpenLineageClient | None = None
        self._gone = False
        self._thread: Thread | None = None

    def take(self, event: Event) -> None:
        if self._gone:
            return
        if self._thread is None:
            self._thread = Thread(target=self._send_all, name=_THREAD, daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait((copy_context(), event))
        except Full:
            self._give_up("is too slow")

    def finish(self) -> None:
        until = monotonic() + WAIT_SECONDS
        while self._waiting.unfinished_tasks and not self._gone:
            if monotonic() > until:
                self._give_up("is too slow")
            sleep(_LOOK_AGAIN_SECONDS)

    def _send_all(self) -> None:
        while not self._gone:
            # What is logged here belongs to the run that the event is of.
            context, event = self._waiting.get()
            context.run(self._send, event)
            self._waiting.task_done()

    def _send(self, event: Event) -> None:
        try:
            if self._client is None:
                self._client = _client()
            self._client.emit(as_client_event(event))
        except Exception as error:
            # Only the type of error: its text may contain the receiver's secret address.
            self._give_up(f"does not take events ({type(error).__name__})")

    def _give_up(self, why: str) -> None:
        if not self._gone:
            logger.warning(
                "The lineage receiver %s: this run's events are lost from here on, and nothing "
                "else. OPENLINEAGE_… say where it is.",
                why,
            )
        self._gone = True


def _client() -> "OpenLineageClient":
    from openlineage.client import OpenLineageClient

    for library in _THAT_SEND:
        logging.getLogger(library).addFilter(_not_told_twice)
    return OpenLineageClient()


def _not_told_twice(record: logging.LogRecord) -> bool:
    # They warn at each retry, with the address.
    return record.threadName != _THREAD or record.levelno < logging.WARNING


def as_client_event(event: Event) -> "RunEvent":
    """Return the event as the client's own object, which says the same."""
    from openlineage.client.event_v2 import (
        InputDataset,
        Job,
        OutputDataset,
        Run,
        RunEvent,
        RunState,
    )
    from openlineage.client.facet_v2 import tags_run

    facets, job = dict(event["run"]["facets"]), event["job"]
    # The only facet that the client itself adds to.
    tags = [tags_run.TagsRunFacetFields(**tag) for tag in facets["tags"]["tags"]]
    facets["tags"] = tags_run.TagsRunFacet(tags=tags, producer=facets["tags"]["_producer"])
    return RunEvent(
        eventTime=event["eventTime"],
        producer=event["producer"],
        run=Run(event["run"]["runId"], facets=facets),
        job=Job(job["namespace"], job["name"], facets=job["facets"]),
        eventType=RunState(event["eventType"]),
        inputs=[InputDataset(**one) for one in event["inputs"]],
        outputs=[OutputDataset(**one) for one in event["outputs"]],
    )
