"""What a flow is doing just now, for whoever waits at a terminal or reads a log."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rich.console import Console

from flows.platform.orchestration.tasks import STEPS

_SILENT_SECONDS = 5


@contextmanager
def progress(
    console: Console, flow: str, silent_seconds: float = _SILENT_SECONDS
) -> Iterator[None]:
    """Show the step that the flow has come to while the block runs.

    On a terminal it is always there; elsewhere a line says it every few seconds.
    """
    with console.status(f"Running the Prefect flow {flow} ...") as status:
        steps = _Steps(flow, status.update)
        STEPS.addHandler(steps)
        STEPS.setLevel(logging.DEBUG)
        ended = Event()
        told = Thread(target=_tell_elsewhere, args=(console, steps, ended, silent_seconds))
        told.start()
        try:
            yield
        finally:
            STEPS.removeHandler(steps)
            ended.set()
            told.join()


class _Steps(logging.Handler):
    """Hears of each step that begins, and keeps what there is to say."""

    def __init__(self, flow: str, tell: Callable[[str], None]) -> None:
        super().__init__()
        self.text = f"Running the Prefect flow {flow} ..."
        self._flow = flow
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self.text = f"Running the Prefect flow {self._flow}: {record.getMessage()} ..."
        self._tell(self.text)


def _tell_elsewhere(console: Console, steps: _Steps, ended: Event, seconds: float) -> None:
    while not ended.wait(seconds):
        if not console.is_terminal:
            console.print(steps.text, style="dim")
