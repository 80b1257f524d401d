"""The warehouse."""

from collections.abc import Iterator
from datetime import UTC, datetime

from flows.errors import KpiError
from flows.local.postgres.shared import embedded_server, running_warehouse
from flows.platform.warehouse.connection import connect, execute, fetch_one
from flows.platform.warehouse.errors import warehouse_errors
from flows.platform.warehouse.migrations import missing_migrations
from flows.platform.warehouse.server import check_server, check_writable
from flows.settings import Settings, load_settings

_CLOCK_SECONDS = 60


def warehouse() -> Iterator[str]:
    """Check all that a run needs of the warehouse: server, rights, clock, migrations."""
    settings = load_settings()
    if settings.database_url is None:
        yield f"warehouse: embedded, in {embedded_server(settings).folder}"
    with running_warehouse(settings) as running, warehouse_errors():
        yield from _check_warehouse(running)


def _check_warehouse(settings: Settings) -> Iterator[str]:
    with connect(settings, "doctor") as connection:
        server = check_server(connection)
        yield (
            f"warehouse: PostgreSQL {server.version} answers; "
            f"database {server.database}, role {server.role}, text as UTF8"
        )
        check_writable(server)
        apart = abs((datetime.now(UTC) - server.now).total_seconds())
        if apart > _CLOCK_SECONDS:
            raise KpiError(
                f"The clocks of this machine and of the warehouse are {apart:.0f} s apart: "
                "runs would look at different days. Let NTP set both."
            )
        yield f"clock: {server.now.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}, as here"
        missing = missing_migrations(connection)
        if missing and not fetch_one(connection, "platform/warehouse/may_migrate.sql")["may"]:
            raise KpiError(
                f"The warehouse lacks the migration {missing[0]}, and {server.role} cannot add it: "
                "it may not create. Run kpi once as the role that owns the database."
            )
        others = execute(connection, "platform/warehouse/tables_of_others.sql").fetchall()
        if others:
            raise KpiError(
                f"{server.role} may look at the warehouse, and not write: {others[0]['name']} and "
                f"{len(others) - 1} more belong to {others[0]['owner']}. "
                "Let KPI_DATABASE_URL name the role that owns the tables."
            )
        yield "rights: may write all tables, and add what is missing"
        yield f"migrations: {', '.join(missing) + ' at the next run' if missing else 'up to date'}"
