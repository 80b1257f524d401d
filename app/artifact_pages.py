"""Serves the pages that flows write for people: Data Docs and drift reports."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flows.churn.folders import drift_reports
from flows.errors import KpiError
from flows.platform.storage.layout import artifacts_folder, data_docs_index
from flows.platform.storage.object_store import NotFound, content_type, object_address, read_object
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from starlette.requests import Request

logger = logging.getLogger(__name__)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    # Pages show delivered values: whatever those hold, it stays out of the app and loads nothing.
    "Content-Security-Policy": (
        "sandbox allow-scripts allow-popups allow-downloads; "
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
}


def show_page(request: "Request") -> Response:
    """Serve a stored page; 404 when there is none to show, 503 when it cannot be read.

    Starlette calls it on its own thread: the object store may be slow.
    """
    name, key = request.path_params["bucket"], request.path_params["path"]
    try:
        content = _content(load_settings(), name, key)
    except NotFound:
        return _sentence(f"There is no page at {request.url.path}.", 404)
    except KpiError as error:
        logger.warning("%s was not shown. %s", request.url.path, error)
        return _sentence("This page cannot be read just now: the app's log says why.", 503)
    return Response(content, media_type=content_type(key), headers=_HEADERS)


ROUTE = Route("/artifacts/{bucket}/{path:path}", show_page)


def _content(settings: Settings, name: str, key: str) -> bytes:
    path = artifacts_folder(settings) / name / key
    if not _is_shown(settings, path):
        raise NotFound
    return read_object(settings, object_address(settings, path))


def _is_shown(settings: Settings, path: Path) -> bool:
    # Results, models and logs are stored beside them; a link or `..` may lead there.
    shown = data_docs_index(settings).parent, drift_reports(settings)
    return any(path.resolve().is_relative_to(folder.resolve()) for folder in shown)


def _sentence(text: str, status: int) -> Response:
    return PlainTextResponse(f"{text}\n", status, _HEADERS)
