"""The one place that opens a connection to PostgreSQL and runs the `.sql` files.

SQL files hold one statement each. Values are bound (`%(name)s`); SQL generated from the contract
is composed into `{placeholders}` by the driver, which quotes it.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from flows.environment import set_aside
from flows.errors import KpiError, Unavailable, causes
from flows.log_lines import NO_RUN, current_run_id
from flows.platform.warehouse.errors import TRANSIENT_STATES, refusal
from flows.settings import Settings
from flows.sql_files import read_sql

logger = logging.getLogger(__name__)

Connection = psycopg.Connection[DictRow]
Parameters = Mapping[str, Any]

_NAME_LIMIT = 63  # PostgreSQL cuts application_name there
_LONGEST_ID = 41  # of what it holds about a run
_AGAIN_SECONDS = 1


def database_url(settings: Settings) -> str:
    """Return the warehouse's `postgresql://…` URL; raise KpiError when there is none."""
    if settings.database_url is None:
        raise KpiError(
            "No warehouse: KPI_DATABASE_URL is empty and no embedded server was started. "
            "Use the kpi command (it starts one), or set KPI_DATABASE_URL."
        )
    return settings.database_url.get_secret_value()


def connection_arguments(settings: Settings, purpose: str) -> dict[str, Any]:
    """Return libpq's arguments: the connection states its purpose and cannot hang forever.

    The server cancels the statement of a client that died (`client_connection_check_interval`).
    """
    set_aside("PostgreSQL")
    options = {
        "statement_timeout": f"{settings.statement_timeout_seconds}s",
        "lock_timeout": f"{settings.lock_timeout_seconds}s",
        "idle_in_transaction_session_timeout": f"{settings.statement_timeout_seconds}s",
        "client_connection_check_interval": "1s",
        "datestyle": "ISO",
        "timezone": settings.time_zone,
        "jit": "off",
        # Each parallel worker would group the whole window again: more work, little time saved.
        "max_parallel_workers_per_gather": "0",
        "work_mem": f"{settings.work_mem_mb}MB",
    }
    return {
        "connect_timeout": 10,
        # Whatever the role's own default: text comes and goes whole.
        "client_encoding": "UTF8",
        # Load balancers drop connections that are idle for some minutes.
        "keepalives_idle": 60,
        "keepalives_interval": 10,
        "keepalives_count": 6,
        "application_name": _application_name(purpose),
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
    }


def _application_name(purpose: str) -> str:
    """Return what a connection says of itself: its purpose, and the run if it belongs to one."""
    run_id = current_run_id()
    name = f"kpi {purpose}"
    # The lock's connection says more of the run itself.
    if run_id == NO_RUN or " run=" in purpose:
        return name[:_NAME_LIMIT]
    # The end of a long id differs from run to run: Airflow's begin with the name of the DAG.
    kept = run_id[-_LONGEST_ID:]
    return f"{name[: _NAME_LIMIT - len(kept) - 1]} {kept}"


def connect(settings: Settings, purpose: str, *, autocommit: bool = False) -> Connection:
    """Open a connection whose rows are dictionaries."""
    return psycopg.connect(
        database_url(settings),
        autocommit=autocommit,
        row_factory=dict_row,
        **connection_arguments(settings, purpose),
    )


def wait_for_warehouse(settings: Settings) -> None:
    """Wait until a warehouse that answered before does so again, at most the settings' patience.

    Raises psycopg's OperationalError when it does not.
    """
    until = time.monotonic() + settings.patience_seconds
    told = False
    while True:
        try:
            connect(settings, "wait").close()
        except psycopg.OperationalError as error:
            if time.monotonic() > until or not is_transient(error):
                raise
            if not told:
                logger.warning(
                    "The warehouse is away: waiting for it, at most %s s.",
                    settings.patience_seconds,
                )
            told = True
            time.sleep(_AGAIN_SECONDS)
        else:
            return


@contextmanager
def transaction(settings: Settings, purpose: str) -> Iterator[Connection]:
    """Open a connection for one transaction: committed at the end, rolled back on any error."""
    with connect(settings, purpose) as connection:
        yield connection


def execute(
    connection: Connection,
    name: str,
    parameters: Parameters | None = None,
    **parts: sql.Composable,
) -> psycopg.Cursor[DictRow]:
    """Run the statement in `sql/<name>` with bound parameters and composed parts."""
    statement = sql.SQL(read_sql(name))
    if not parts:
        return connection.execute(statement, parameters)
    if parameters is not None:
        parts = {key: _without_placeholders(connection, part) for key, part in parts.items()}
    return connection.execute(statement.format(**parts), parameters)


def _without_placeholders(connection: Connection, part: sql.Composable) -> sql.Composable:
    # The driver also looks for parameters in composed literals, such as a site named '50 %'.
    return sql.SQL(part.as_string(connection).replace("%", "%%"))


def fetch_one(
    connection: Connection,
    name: str,
    parameters: Parameters | None = None,
    **parts: sql.Composable,
) -> DictRow:
    """Run a statement that returns exactly one row, and return it."""
    row = execute(connection, name, parameters, **parts).fetchone()
    if row is None:
        raise KpiError(f"sql/{name} returned no row")
    return row


def table_exists(connection: Connection, name: str) -> bool:
    """Return whether the table `schema.table` exists."""
    return bool(
        fetch_one(connection, "platform/warehouse/table_exists.sql", {"name": name})["found"]
    )


def is_transient(error: BaseException | None) -> bool:
    """Return whether a retry may succeed: server away, serialization failure, lock timeout.

    Looks through wrappers (`__cause__`, SQLAlchemy's `orig`). Data failures are never transient.
    """
    for found in causes(error):
        if isinstance(found, Unavailable):
            return True
        if isinstance(found, psycopg.Error):
            if found.sqlstate:
                return found.sqlstate.startswith(TRANSIENT_STATES)
            # There was no connection: the server is away, or lets nobody in.
            return isinstance(found, psycopg.OperationalError) and refusal(found) is None
    return False
