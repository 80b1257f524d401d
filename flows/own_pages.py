"""Answer one's own pages alone, and none that some other site shows in the same browser.

A browser says of each request which host it was sent to, and of those that a page's scripts,
forms and sockets make, the origin of that page. A host that is not ours is somebody's name that
was made to lead here; another origin is a page that wants to use what only this machine reaches.
Programs send no origin.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_FORBIDDEN, _MISDIRECTED = 403, 421
_POLICY_VIOLATION = 1008


class OwnPages:
    """An ASGI application that refuses other hosts (421) and pages of other origins (403).

    `hosts` are the names that it is served under, without ports; `addresses` are the URLs that
    people know it by, behind a proxy for instance: their hosts and their pages are ours, too.
    """

    def __init__(
        self, application: Application, hosts: Iterable[str], addresses: Iterable[str | None] = ()
    ) -> None:
        self._application = application
        known = [urlsplit(address) for address in addresses if address]
        self._hosts = {host.lower() for host in (*hosts, *(url.hostname for url in known)) if host}
        self._origins = {f"{url.scheme}://{url.netloc}".lower() for url in known}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._application(scope, receive, send)
            return
        status, sentence = refusal
        logger.warning("%s (%s)", sentence, scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": sentence})
            return
        body = f"{sentence}\n".encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"vary", b"Origin")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = {name: value.decode("latin-1").lower() for name, value in scope["headers"]}
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        if _hostname(host) not in self._hosts:
            return _MISDIRECTED, (
                f"Nothing is served here for the host {host!r}: KPI_ALLOWED_HOSTS names those."
            )
        if origin is None or urlsplit(origin).netloc == host or origin in self._origins:
            return None
        return _FORBIDDEN, f"A page of {origin} may not ask here."


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # a bracket that is not closed
        return None
