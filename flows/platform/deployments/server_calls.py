"""A few calls to Prefect's API without importing Prefect, which takes seconds."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flows.errors import KpiError
from flows.platform.orchestration.startup.api import import_prefect

if TYPE_CHECKING:
    from httpx import AsyncClient, Response

# When one of these is set, only Prefect's own client knows how to talk to the server.
_SPECIAL = (
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_CLIENT_CUSTOM_HEADERS",
    "PREFECT_PROFILES_PATH",
    "PREFECT_SERVER_API_AUTH_STRING",
)
_TRUE = ("1", "true", "t", "yes", "y", "on")
_TIMEOUT_SECONDS = 60
_SHOWN_CHARACTERS = 500
_FORBIDDEN, _NOT_FOUND = 403, 404
_BUSY = 503
_AGAIN_SECONDS = (1, 2, 4, 8)


class PrefectServer:
    """API calls: each returns the server's answer, or None when there is none."""

    def __init__(self, client: "AsyncClient") -> None:
        self._client = client

    async def get(self, path: str) -> Any:
        """Read an object; return None when it does not exist."""
        return await self._call("GET", path)

    async def post(self, path: str, body: Any) -> Any:
        """Create an object, or read the objects that match a filter."""
        return await self._call("POST", path, body)

    async def patch(self, path: str, body: Any) -> Any:
        """Update an object."""
        return await self._call("PATCH", path, body)

    async def delete(self, path: str) -> Any:
        """Delete an object; do nothing when it does not exist."""
        return await self._call("DELETE", path)

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        for seconds in (*_AGAIN_SECONDS, None):
            answer = await self._answer(method, path, body)
            # The server answers 503 when its database is busy; try again.
            if answer.status_code != _BUSY or seconds is None:
                break
            await asyncio.sleep(seconds)
        if answer.status_code == _NOT_FOUND and method in ("GET", "DELETE"):
            return None
        if not answer.is_success:
            body = answer.text[:_SHOWN_CHARACTERS]
            raise KpiError(f"Prefect refuses {method} {path} ({answer.status_code}): {body}")
        return answer.json() if answer.content else None

    async def _answer(self, method: str, path: str, body: Any) -> "Response":
        from httpx import HTTPStatusError

        try:
            answer = await self._client.request(method, path, json=body)
            if answer.status_code == _FORBIDDEN:
                token = await self._token()
                if token.is_success:
                    answer = await self._client.request(method, path, json=body)
                elif token.status_code == _NOT_FOUND:
                    answer = token  # nothing of Prefect's is here, and that is what to tell
        except HTTPStatusError as error:
            # Prefect's own client raises on error statuses.
            return error.response
        return answer

    async def _token(self) -> "Response":
        """Ask for the token without which a protected server lets nobody write, and keep it."""
        name = str(uuid4())
        answer = await self._client.get("/csrf-token", params={"client": name})
        if answer.is_success:
            self._client.headers["Prefect-Csrf-Client"] = name
            self._client.headers["Prefect-Csrf-Token"] = answer.json()["token"]
        return answer


@asynccontextmanager
async def prefect_server(
    timeout_seconds: float = _TIMEOUT_SECONDS,
) -> AsyncIterator[PrefectServer]:
    """Yield the server configured by PREFECT_API_URL or by Prefect's profile.

    An answer may take the given time.
    Raises KpiError when none is configured, or when it does not answer as it should.
    """
    from httpx import AsyncClient, HTTPError, InvalidURL

    url = os.environ.get("PREFECT_API_URL", "")
    try:
        if _is_plain(url):
            async with AsyncClient(base_url=url, timeout=timeout_seconds) as client:
                yield PrefectServer(client)
        else:
            async with _prefects_client() as client:
                url = str(client.base_url)
                client.timeout = timeout_seconds
                yield PrefectServer(client)
    except (HTTPError, InvalidURL) as error:
        raise KpiError(
            f"The Prefect server at {url} does not answer as it should "
            f"({type(error).__name__}). Correct PREFECT_API_URL, or start it."
        ) from error


def require_server() -> None:
    """Raise KpiError when PREFECT_API_URL is set, and nobody answers there."""
    if os.environ.get("PREFECT_API_URL"):
        asyncio.run(_ask())


async def _ask() -> None:
    async with prefect_server() as server:
        await server.post("/flow_runs/filter", {"limit": 1})


def _is_plain(url: str) -> bool:
    """Return whether the URL alone is enough to talk to the server."""
    return url.startswith("http://") and not set(_SPECIAL) & set(os.environ) and not _profiles()


def _profiles() -> bool:
    # Written by `prefect config set` and `prefect profile create`.
    home = Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()
    return "PREFECT_PROFILES_PATH" in os.environ or (home / "profiles.toml").exists()


@asynccontextmanager
async def _prefects_client() -> AsyncIterator["AsyncClient"]:
    if "PREFECT_API_URL" in os.environ or _profiles():
        import_prefect()
        from prefect import get_client
        from prefect.settings import PREFECT_API_URL

        if PREFECT_API_URL.value():
            async with get_client() as client:
                yield client._client
            return
    raise KpiError(
        "PREFECT_API_URL is not set, so there is no Prefect server to deploy to. "
        "Start one with kpi up, or set it."
    )


def has(found: Any, wanted: Any) -> bool:
    """Return whether the server already has what we would write; its extra fields are ignored."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(
            _has_each(found[name], value) if name == "schedules" else has(found[name], value)
            for name, value in wanted.items()
            if name in found and name != "id"
        )
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(has, found, wanted))
    return bool(found == wanted)


def _has_each(found: list[Any], wanted: list[Any]) -> bool:
    # In any order.
    return len(found) == len(wanted) and all(
        any(has(one, part) for one in found) for part in wanted
    )


def server_takes_events() -> bool:
    """Return whether the server accepts events, as `compatibility.takes_events` does."""
    if version("prefect").startswith("2.") and _is_plain(os.environ.get("PREFECT_API_URL", "")):
        return os.environ.get("PREFECT_EXPERIMENTAL_EVENTS", "").lower() in _TRUE
    import_prefect()
    from flows.platform.orchestration.startup.compatibility import takes_events

    return takes_events()
