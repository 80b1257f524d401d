"""The endpoint that Prometheus reads, at `/metrics`; `/health` says that it listens."""

import asyncio
import socket
from threading import Thread

from prometheus_client import CollectorRegistry, make_asgi_app
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from flows.errors import KpiError
from flows.observed.collector import Platform
from flows.own_pages import Application, OwnPages, Receive, Scope, Send
from flows.settings import Settings

HEALTH = "/health"
METRICS = "/metrics"

_TEXT = [(b"content-type", b"text/plain; charset=utf-8")]
_WELL, _NOT_FOUND = 200, 404


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve them from a thread; raise KpiError when the address cannot be listened at.

    Other hosts than those of `settings.allowed_hosts`, and other pages, are refused.
    """
    import uvicorn

    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise KpiError(f"Nothing can listen at {host}:{port} ({_reason(error)}).") from error
    config = uvicorn.Config(
        OwnPages(_metrics(settings), settings.allowed_hosts),
        lifespan="off",
        ws="none",
        # What asks every few seconds would fill the log; what is refused is told as a warning.
        log_level="warning",
        # As all lines of ours.
        log_config=None,
    )
    serving = uvicorn.Server(config)
    Thread(target=serving.run, args=([listening],), name="metrics", daemon=True).start()


def _reason(error: OSError) -> str:
    # Python adds the address, once more.
    return str(error.strerror).partition(" (while attempting")[0]


def _metrics(settings: Settings) -> Application:
    platform = Platform(settings)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == METRICS:
            registry = CollectorRegistry(auto_describe=False)
            # Beside the loop, so that what answers slowly makes nobody ill.
            registry.register(Looked(await asyncio.to_thread(platform.collect)))
            await make_asgi_app(registry)(scope, receive, send)
            return
        status = _WELL if scope["path"] == HEALTH else _NOT_FOUND
        text = b"ok\n" if status == _WELL else f"{METRICS} has the metrics.\n".encode()
        await send({"type": "http.response.start", "status": status, "headers": _TEXT})
        await send({"type": "http.response.body", "body": text})

    return application


class Looked(Collector):
    """What was found, as the client library asks for it."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        """Return it."""
        return self._found
