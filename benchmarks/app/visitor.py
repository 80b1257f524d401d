"""A visitor of the app without a browser: its websocket, its uploads, what its pages say."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.sync.connection import Connection

_XSRF = "_streamlit_xsrf"
_ASKED = "files"
_LARGEST_MESSAGE = 256 * 1024**2
# What tells how a page went: the rest of it says the same to everybody.
_TELLING = ("alert", "text")


@dataclass
class Visitor:
    """One session on one page; `said` are the alerts and plain texts of its last run."""

    address: str
    page: str
    _socket: Connection
    _http: httpx.Client
    said: list[str] = field(default_factory=list)
    _session_id: str = ""
    _uploader: str = ""
    _page_hash: str = ""

    @classmethod
    @contextmanager
    def on(cls, address: str, page: str, patience_seconds: float = 60) -> Iterator[Self]:
        """Open the page as a new visitor; leave it at the end, as who closes the tab."""
        with httpx.Client(base_url=address, timeout=patience_seconds) as http:
            http.get("/_stcore/health").raise_for_status()
            token = http.cookies[_XSRF]
            http.headers["X-Xsrftoken"] = token
            with connect(
                f"ws{address.removeprefix('http')}/_stcore/stream",
                additional_headers={"Cookie": f"{_XSRF}={token}"},
                max_size=_LARGEST_MESSAGE,
                open_timeout=patience_seconds,
            ) as socket:
                visitor = cls(address, page, socket, http)
                visitor.run(patience_seconds=patience_seconds)
                yield visitor

    def upload(self, name: str, content: bytes) -> WidgetState:
        """Send a file to the page's uploader, as a browser does before it tells of it."""
        ask = BackMsg()
        ask.file_urls_request.request_id = _ASKED
        ask.file_urls_request.file_names.append(name)
        ask.file_urls_request.session_id = self._session_id
        self._socket.send(ask.SerializeToString())
        urls = self._wait_for_urls()
        answer = self._http.put(urls.upload_url, files={"file": (name, content, "text/csv")})
        answer.raise_for_status()
        state = WidgetState(id=self._uploader)
        state.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(content), file_id=urls.file_id, file_urls=urls
        )
        return state

    def run(self, *widgets: WidgetState, patience_seconds: float = 60) -> None:
        """Run the page with these widgets' values until it is complete.

        Raises TimeoutError when it takes too long, ConnectionClosed when the app ended.
        """
        self.start(*widgets)
        self.finish(patience_seconds)

    def start(self, *widgets: WidgetState) -> None:
        """Ask for a run of the page and do not wait for it."""
        ask = BackMsg()
        ask.rerun_script.page_name = self.page
        ask.rerun_script.page_script_hash = self._page_hash
        ask.rerun_script.widget_states.widgets.extend(widgets)
        self._socket.send(ask.SerializeToString())

    def finish(self, patience_seconds: float = 60) -> None:
        """Wait until the page is complete; raises as `run` does."""
        end = time.monotonic() + patience_seconds
        self.said = []
        while True:
            message = self._receive(end - time.monotonic())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.said = []
                self._session_id = message.new_session.initialize.session_id
            elif kind == "navigation":
                self._page_hash = message.navigation.page_script_hash
            elif kind == "delta":
                self._keep(message.delta.new_element)
            elif kind == "script_finished" and (
                message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            ):
                return

    def _keep(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind in _TELLING:
            self.said.append(getattr(element, kind).body)
        elif kind == "file_uploader":
            self._uploader = element.file_uploader.id

    def _wait_for_urls(self) -> FileURLs:
        while True:
            message = self._receive(60)
            if message.WhichOneof("type") == "file_urls_response":
                urls: FileURLs = message.file_urls_response.file_urls[0]
                return urls

    def _receive(self, patience_seconds: float) -> ForwardMsg:
        content = self._socket.recv(max(patience_seconds, 0))
        message: ForwardMsg = ForwardMsg.FromString(
            content if isinstance(content, bytes) else content.encode()
        )
        return message
