"""Answer one's own pages alone, and let them load and send nothing elsewhere.

A browser says of each request which host it was sent to, and of those that a page's scripts,
forms and sockets make, the origin of that page. A host that is not ours is somebody's name that
was made to lead here; another origin is a page that wants to use what only this machine reaches.
Programs send no origin. The other way round, a policy tells the browser that whatever a delivered
value makes a page contain, a picture from elsewhere for instance, is not fetched.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_FORBIDDEN, _MISDIRECTED = 403, 421
_POLICY_VIOLATION = 1008

_POLICY = b"content-security-policy"
# The pages of Streamlit, Prefect and MLflow hold scripts and styles of their own.
_NOTHING_ELSEWHERE = (
    b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    b"base-uri 'self'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
)


class OwnPages:
    """An ASGI application that refuses other hosts (421) and pages of other origins (403).

    Its pages load nothing from elsewhere, unless the application's own policy says otherwise.

    `hosts` are the names that it is served under, without ports; `addresses` are the URLs that
    people know it by, behind a proxy for instance: their hosts and their pages are ours, too.
    """

    def __init__(
        self, application: Application, hosts: Iterable[str], addresses: Iterable[str | None] = ()
    ) -> None:
        self._application = application
        known = [urlsplit(address) for address in addresses if address]
        self._hosts = {host.lower() for host in (*hosts, *(url.hostname for url in known)) if host}
        self._addresses = {url.netloc.lower() for url in known}
        self._origins = {f"{url.scheme}://{url.netloc}".lower() for url in known}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._application(scope, receive, _with_policy(send))
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
        if origin is None or origin in self._origins:
            return None
        # Where it is known how pages come, the same name without TLS is somebody else's on the way.
        if host not in self._addresses and urlsplit(origin).netloc == host:
            return None
        return _FORBIDDEN, f"A page of {origin} may not ask here."


def _with_policy(send: Send) -> Send:
    async def send_with_policy(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if all(name.lower() != _POLICY for name, _ in headers):
                message = {**message, "headers": [*headers, (_POLICY, _NOTHING_ELSEWHERE)]}
        await send(message)

    return send_with_policy


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # a bracket that is not closed
        return None
