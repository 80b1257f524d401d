"""Load what is slow to load while the server starts, so that no visitor waits for it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from anyio import to_thread

if TYPE_CHECKING:
    from streamlit.starlette import App

logger = logging.getLogger(__name__)

# The server reads each upload in a thread, and has it twice in memory meanwhile.
_SERVER_THREADS = 2


@asynccontextmanager
async def warm_up(_: "App") -> AsyncIterator[None]:
    """Start loading when the server starts, without delaying its answers; limit its threads."""
    to_thread.current_default_thread_limiter().total_tokens = _SERVER_THREADS
    Thread(target=_load, name="warm up", daemon=True).start()
    yield


def _load() -> None:
    from app.churn_model import production, which_version
    from app.churn_model.form import usual

    # Imported ahead, so that the first page that needs them finds them loaded.
    for heavy in ("altair", "pandas"):
        import_module(heavy)
    try:
        found = which_version.verdict()
        if found.known is not None:
            production.load(found.known, found.sha256)
            usual.usual_users(found.known)
    except Exception:
        # A visitor who needs it will see the error as a sentence.
        logger.info("The Production model could not be loaded ahead.", exc_info=True)
