"""A service of the platform, asked over HTTP on this machine."""

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from compose.stack.ports import LOOPBACK
from compose.stack.speech import Failed, say

POLL_SECONDS = 2.0
ANSWER_SECONDS = 60
FORBIDDEN, NOT_FOUND = 403, 404
_BUSY = 503
_FIRST_REFUSAL, _FIRST_TROUBLE = 400, 500


class Refused(Failed):
    """The service answered that it will not; `status` is the one of HTTP."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Service:
    """Where it answers, how long it may be away, and what lets us in."""

    name: str
    port: int
    patience_seconds: int
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where people find it."""
        return f"http://{LOOPBACK}:{self.port}"

    def ask(
        self, path: str, body: object = None, *, method: str | None = None, once: bool = False
    ) -> Any:
        """Return its answer; a service that is away is asked again, unless that could do harm.

        Raises Refused when it says no, and Failed when it has not answered for too long.
        """
        deadline = time.monotonic() + self.patience_seconds
        told = False
        while True:
            undone = False
            try:
                status, said = self._ask(method or ("GET" if body is None else "POST"), path, body)
            except (OSError, HTTPException) as error:
                trouble = f"does not answer ({error})"
            else:
                if status < _FIRST_REFUSAL:
                    return json.loads(said)
                if status < _FIRST_TROUBLE:
                    raise Refused(f"{self.name} answers {status} to {path}: {said}", status)
                undone = status == _BUSY  # it says so itself: asking again does no harm
                trouble = f"answers {status}"
            where = f"{self.name} {trouble} at {self.address}"
            if (once and not undone) or time.monotonic() > deadline:
                raise Failed(f"{where}: make ps shows how it is.")
            if not told:
                say(f"{where}; waiting up to {self.patience_seconds} s for it ...")
                told = True
            time.sleep(POLL_SECONDS)

    def _ask(self, method: str, path: str, body: object) -> tuple[int, str]:
        headers = {"Accept": "application/json", **self.headers}
        text = None
        if body is not None:
            text = json.dumps(body)
            headers["Content-Type"] = "application/json"
        # Straight to it: a proxy of the shell does not know this machine's services.
        with closing(HTTPConnection(LOOPBACK, self.port, timeout=ANSWER_SECONDS)) as connection:
            connection.request(method, path, text, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")


def service_of(values: Mapping[str, str], name: str, port_variable: str) -> Service:
    """The service whose port this variable of the platform is."""
    return Service(name, int(values[port_variable]), int(values["KPI_PATIENCE_SECONDS"]))
