"""The server that benchmarks measure: set as the platform's, so that what is measured is met."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.paths import REPOSITORY

_COMPOSE = REPOSITORY / "compose" / "compose.yaml"


@contextmanager
def benchmark_server(folder: Path) -> Iterator[PostgresServer]:
    """Start a server below the folder, and stop it at the end.

    Autovacuum is off: it would disturb the measurements. Whoever fills a table vacuums it.
    """
    server = PostgresServer(
        binaries=wheel_binaries(),
        folder=folder / "postgres",
        settings={**platform_settings(), "autovacuum": "off"},
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


def platform_settings() -> dict[str, str]:
    """Return what compose.yaml sets of PostgreSQL, by name."""
    command = yaml.safe_load(_COMPOSE.read_text(encoding="utf-8"))["services"]["postgres"][
        "command"
    ]
    return dict(word.split("=", 1) for word in command.split() if "=" in word)
