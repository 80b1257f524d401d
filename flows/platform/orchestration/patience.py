"""Prefect's clients wait for a server that is away: its restart must not end a run.

Prefect 2 gives up a connection that is refused after two seconds, and an answer such as 500 at
once. Prefect 2 itself calls `wait_for_servers` in each process that imports it, runs of a worker
included (see `configure_prefect`); Prefect 3 cannot, so our flows do.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
from httpx import HTTPError, HTTPStatusError, Request, Response, TransportError

from flows.settings import load_settings

logger = logging.getLogger(__name__)

_PASSES = (500, 502, 503, 504)
_LONGEST_PAUSE = 10
_IN_PROCESS = "ephemeral-prefect"
# Of a run whose log alone is not taken, nothing is lost.
_LOGS = "/logs/"

# Servers that answered this process: only they are waited for, a wrong address is told at once.
_known: set[bytes] = set()
# Runs in this process.
_runs: list[bool] = []


def wait_for_servers() -> None:
    """Let Prefect's clients in this process wait for servers; calling it again is harmless."""
    from prefect.client.base import PrefectHttpxAsyncClient, PrefectHttpxSyncClient

    kinds: tuple[tuple[Any, Callable[..., Any]], ...] = (
        (PrefectHttpxAsyncClient, _patient),
        (PrefectHttpxSyncClient, _patient_sync),
    )
    for client, patient in kinds:
        if client.send.__module__ != __name__:
            client.send = patient(client.send)


def _is_away(error: HTTPError) -> bool:
    if isinstance(error, HTTPStatusError):
        return error.response.status_code in _PASSES
    return isinstance(error, TransportError)


@contextmanager
def ended_when_left_alone() -> Iterator[None]:
    """Inside, a server that stays away for too long ends this process, with a sentence.

    An error would not: Prefect 2 crashes the run in a thread, and leaves the flow waiting for its
    step for good, with the pipeline's lock. A process may end at any instruction of a step.
    """
    _runs.append(True)
    try:
        yield
    finally:
        _runs.pop()


def _end_process(error: HTTPError) -> None:
    from flows.platform.orchestration.startup.api import not_answering

    logger.error("%s No step is half done: run again when it does.", not_answering(error))
    sys.stderr.flush()
    os._exit(os.EX_TEMPFAIL)


class _Wait:
    """The wait of one request."""

    def __init__(self, request: Request) -> None:
        self._url = request.url
        self._until: float | None = None
        self._pause = 0.5

    def after(self, error: HTTPError) -> float:
        """Return how long to wait before the next try, or raise the error."""
        # A run of a worker has its server from the worker, which has asked it.
        known = self._url.netloc in _known or "PREFECT__FLOW_RUN_ID" in os.environ
        if not known or self._url.host == _IN_PROCESS or not _is_away(error):
            raise error
        if self._until is None:
            patience = load_settings().patience_seconds
            self._until = time.monotonic() + patience
            logger.warning(
                "The Prefect server at %s is away (%s): waiting for it, at most %s s.",
                self._url.netloc.decode(),
                _reason(error),
                patience,
            )
        left = self._until - time.monotonic()
        if left <= 0:
            if _runs and not self._url.path.endswith(_LOGS):
                _end_process(error)
            raise error
        self._pause = min(2 * self._pause, _LONGEST_PAUSE, left)
        return self._pause

    def ended(self) -> None:
        """Note that the server answered."""
        _known.add(self._url.netloc)


def _reason(error: HTTPError) -> str:
    if isinstance(error, HTTPStatusError):
        return f"it answers {error.response.status_code}"
    return type(error).__name__


def _patient(send: Callable[..., Any]) -> Callable[..., Any]:
    async def wait_and_send(client: Any, request: Request, *args: Any, **options: Any) -> Response:
        wait = _Wait(request)
        while True:
            try:
                answer: Response = await send(client, request, *args, **options)
            except HTTPError as error:
                await anyio.sleep(wait.after(error))
            else:
                wait.ended()
                return answer

    return wait_and_send


def _patient_sync(send: Callable[..., Any]) -> Callable[..., Any]:
    def wait_and_send(client: Any, request: Request, *args: Any, **options: Any) -> Response:
        wait = _Wait(request)
        while True:
            try:
                answer: Response = send(client, request, *args, **options)
            except HTTPError as error:
                time.sleep(wait.after(error))
            else:
                wait.ended()
                return answer

    return wait_and_send
