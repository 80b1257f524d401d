"""A webhook on loopback that keeps what it is sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from flows.local.machine import POLL_SECONDS


@dataclass
class Webhook:
    """Its secret address, and the texts that were posted to it."""

    url: str
    texts: list[str] = field(default_factory=list)


@contextmanager
def webhook(status: int = 200) -> Iterator[Webhook]:
    """Answer every POST with the status until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received.texts.append(json.loads(self.rfile.read(length))["text"])
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received = Webhook(f"http://127.0.0.1:{server.server_port}/services/T0-webhook-secret")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()
