"""Load what is heavy while the server starts, so that no visitor waits for it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.starlette import App

logger = logging.getLogger(__name__)


@asynccontextmanager
async def warm_up(_: "App") -> AsyncIterator[None]:
    """Start loading when the server starts, without keeping it from answering."""
    Thread(target=_load, name="warm up", daemon=True).start()
    yield


def _load() -> None:
    from app.churn_model import production

    # Imported for the first page that does: it finds them loaded.
    for heavy in ("altair", "pandas"):
        import_module(heavy)
    try:
        version = production.production_version()
        if version is not None:
            production.load(version)
    except Exception:
        # A visitor who needs it will be told in a sentence.
        logger.info("The Production model could not be loaded ahead.", exc_info=True)
