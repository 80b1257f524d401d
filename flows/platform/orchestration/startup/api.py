"""Prefect in this process: imported in one place, before anything uses its API."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from flows.errors import BadInput, KpiError
from flows.lazy_imports import quick_imports
from flows.platform.orchestration.startup.certificates import share_certificates
from flows.platform.orchestration.startup.database import laid_out_database
from flows.platform.storage.block_key import block_key, take_key_out

BLOCK_KEY = "PREFECT_SERVER_ENCRYPTION_KEY"

# Prefect's server, which it imports even to ask another one: a third of the import.
_SERVER = tuple(f"prefect.server.{part}" for part in ("api", "models", "orchestration", "services"))


def import_prefect() -> None:
    """Import Prefect, already configured, with its database ready; calling it again is harmless.

    Without a server its API starts in this process, and may take as long as the machine needs:
    it only works on local files. Prefect 2 allows 30 seconds, not configurable, then ends in a
    traceback. Prefect 3 starts a server, and has a setting (see `configure_prefect`). Raises
    BadInput for a variable that Prefect does not accept.
    """
    if "prefect" not in sys.modules:
        elsewhere = _SERVER if os.environ.get("PREFECT_API_URL") else ()
        with laid_out_database(), quick_imports(when_used=elsewhere), _setting_errors():
            import_module("prefect")
    from asgi_lifespan import LifespanManager
    from prefect.client import base

    def patient(app: Any, **_: object) -> LifespanManager:
        _keep_block_key_apart()
        return LifespanManager(app, startup_timeout=None, shutdown_timeout=None)

    # Prefect looks it up there on each start.
    vars(base)["LifespanManager"] = patient
    share_certificates()
    logging.getLogger("prefect.server").addFilter(_is_not_tried_again)


def _is_not_tried_again(record: logging.LogRecord) -> bool:
    """Whether a record of the API is about more than two commands that wrote at the same time.

    SQLite refuses one of them at once, Prefect answers 503, and its client asks again. It logs the
    whole traceback all the same. Who asks in vain is told by the client.
    """
    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, Exception):
        return True
    from prefect.server.api.server import is_client_retryable_exception

    return not is_client_retryable_exception(error)


def _keep_block_key_apart() -> None:
    """Let the API of this process use the key of a file, not one that it keeps with the blocks."""
    from cryptography.fernet import Fernet
    from prefect.server.utilities import encryption
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
    from sqlalchemy.engine import make_url

    url = make_url(PREFECT_API_DATABASE_CONNECTION_URL.value())
    name = url.database or ""
    in_memory = not name or ":memory:" in name or "mode=memory" in str(url)
    if BLOCK_KEY in os.environ or url.get_backend_name() != "sqlite" or in_memory:
        return
    database = Path(name)
    database.parent.mkdir(parents=True, exist_ok=True)
    take_key_out(database)

    async def of_the_file(_: object) -> Any:
        return Fernet(block_key(database))

    # Prefect looks it up there for each block.
    vars(encryption)["get_fernet_encryption"] = of_the_file


@contextmanager
def _setting_errors() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        # Pydantic's, of either version.
        wrong: list[dict[str, Any]] = getattr(error, "errors", list)()
        if not wrong:
            raise
        problems = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in wrong)
        raise BadInput(f"Prefect refuses its settings. {problems}.") from error


@contextmanager
def prefect_errors() -> Iterator[None]:
    """Raise KpiError, naming the server, when a call inside fails."""
    import_prefect()
    from httpx import HTTPError

    try:
        yield
    except HTTPError as error:
        raise KpiError(f"{not_answering(error)} Correct PREFECT_API_URL, or start it.") from error


def not_answering(error: Exception) -> str:
    """Return the sentence about the server for an error of a call."""
    from prefect.settings import PREFECT_API_URL

    return (
        f"The Prefect server at {PREFECT_API_URL.value()} does not answer as it should "
        f"({type(error).__name__})."
    )
