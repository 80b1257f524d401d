"""The warehouse."""

from collections.abc import Iterator

import psycopg

from flows.errors import KpiError
from flows.local.postgres.shared import embedded_server, running_warehouse
from flows.platform.warehouse.connection import connect
from flows.platform.warehouse.migrations import pending_migrations
from flows.settings import Settings, load_settings

_POSTGRES_VERSIONS = range(15, 19)


def warehouse() -> Iterator[str]:
    """Check that the warehouse answers and what it lacks."""
    settings = load_settings()
    if settings.database_url is None:
        yield f"warehouse: embedded, in {embedded_server(settings).folder}"
    with running_warehouse(settings) as running:
        yield from _check_warehouse(running)


def _check_warehouse(settings: Settings) -> Iterator[str]:
    try:
        with connect(settings, "doctor") as connection:
            number = connection.info.server_version // 10_000
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise KpiError(
            f"The warehouse does not answer: {reason}. Check KPI_DATABASE_URL."
        ) from error
    if number not in _POSTGRES_VERSIONS:
        raise KpiError(f"The warehouse is PostgreSQL {number}; use 15 to 18.")
    yield f"warehouse: PostgreSQL {number} answers"
    try:
        pending = pending_migrations(settings)
    except psycopg.errors.InsufficientPrivilege as error:
        raise KpiError(
            f"The warehouse refuses its user: {str(error).strip().splitlines()[0]}. "
            "Let KPI_DATABASE_URL name the user who owns the database."
        ) from error
    yield f"migrations: {'up to date' if not pending else ', '.join(pending) + ' at the next run'}"
