"""Prefect's clients read the certificates that they believe once, and not each of them anew.

Reading them costs 15 ms of processor, and a run makes a client for each of its steps and artifacts,
also to ask an API in the same process, which shows no certificate.
"""

import ssl
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any


def share_certificates() -> None:
    """Let Prefect's clients in this process share what they read; calling it again is harmless."""
    from prefect.client import orchestration

    shared: Any = ModuleType(ssl.__name__)
    vars(shared).update(vars(ssl), create_default_context=_context)
    # Prefect looks it up there for each client.
    vars(orchestration)["ssl"] = shared


def _context(*, cafile: str | None = None) -> ssl.SSLContext:
    if cafile is None:
        # Prefect turns the checks of this one off.
        return ssl.create_default_context()
    return _believing(cafile, Path(cafile).stat().st_mtime_ns)


@cache
def _believing(cafile: str, _written: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=cafile)
