"""Who is answered, by the host that was asked and the page that asks."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from flows.own_pages import OwnPages

HOSTS = ("127.0.0.1", "::1", "prefect")
PUBLIC = "https://prefect.example.com"


async def listen(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("heard")
    await socket.close()


SERVED = Starlette(
    routes=[
        Route("/", lambda request: PlainTextResponse("a page"), methods=["GET", "POST"]),
        WebSocketRoute("/socket", listen),
    ]
)


@contextmanager
def asked_by(host: str, origin: str | None) -> Iterator[TestClient]:
    """A client that asks this host from a page of this origin."""
    headers = {"Host": host} | ({"Origin": origin} if origin else {})
    with TestClient(OwnPages(SERVED, HOSTS, [PUBLIC]), headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:4200", None),  # a program
        ("prefect:4200", None),
        ("[::1]:4200", "http://[::1]:4200"),
        ("127.0.0.1:4200", "http://127.0.0.1:4200"),
        ("prefect.example.com", PUBLIC),
        ("127.0.0.1:4200", PUBLIC),  # a proxy that names this machine
    ],
)
def test_own_pages_and_programs_are_answered(host: str, origin: str | None) -> None:
    with asked_by(host, origin) as client:
        answer = client.post("/")
        assert answer.text == "a page"
        assert answer.headers["content-security-policy"].startswith("default-src 'self' ")
        with client.websocket_connect("/socket") as socket:
            assert socket.receive_text() == "heard"


@pytest.mark.parametrize(
    ("host", "origin", "status", "sentence"),
    [
        ("elsewhere.example:4200", None, 421, "Nothing is served here for the host"),
        ("elsewhere.example:4200", "http://elsewhere.example:4200", 421, "KPI_ALLOWED_HOSTS"),
        ("[::1", None, 421, "Nothing is served here for the host"),
        ("", None, 421, "Nothing is served here for the host"),
        ("127.0.0.1:4200", "https://elsewhere.example", 403, "A page of https://elsewhere.exa"),
        ("127.0.0.1:4200", "http://127.0.0.1:9999", 403, "A page of http://127.0.0.1:9999 may"),
        # Whoever is on the way can make a page of this name, without TLS.
        (
            "prefect.example.com",
            "http://prefect.example.com",
            403,
            "A page of http://prefect.example.com may not ask here.",
        ),
        ("127.0.0.1:4200", "null", 403, "A page of null may not ask here."),
    ],
)
def test_others_are_refused(host: str, origin: str | None, status: int, sentence: str) -> None:
    with asked_by(host, origin) as client:
        for method in ("GET", "POST"):
            refused = client.request(method, "/")
            assert refused.status_code == status
            assert sentence in refused.text
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket"):
            pass


def test_a_policy_of_the_application_stays() -> None:
    page = PlainTextResponse("a page", headers={"Content-Security-Policy": "sandbox"})
    served = Starlette(routes=[Route("/", lambda request: page)])
    with TestClient(OwnPages(served, HOSTS), headers={"Host": "prefect"}) as client:
        assert client.get("/").headers.get_list("content-security-policy") == ["sandbox"]
