"""The databases of a PostgreSQL server: one role each, with access to no other."""

from dataclasses import dataclass

from psycopg import sql

from flows.errors import BadInput, KpiError
from flows.platform.warehouse.connection import Connection, execute, fetch_one
from flows.platform.warehouse.readers import read_readers
from flows.platform.warehouse.roles import (
    Login,
    administrator,
    found,
    prepare_role,
    read_login,
    run,
)
from flows.settings import Settings

_OF_THE_SERVER = ("postgres", "template1")
_ASKS = 160000  # PostgreSQL 16


@dataclass(frozen=True)
class Prepared:
    """The databases that are there now, and those of the server itself that stay open to all."""

    databases: list[str]
    open_to_all: list[str]


def prepare_databases(settings: Settings) -> Prepared:
    """Create the databases of `settings.prepare`, and a role for each.

    A role owns its database and can connect to no other; `let_readers_in` makes those who read.
    The administrator needs CREATEDB and CREATEROLE, as a managed server gives them, and no more.
    Running it again changes only changed passwords. Raises BadInput for an incomplete URL, and
    KpiError for an administrator with fewer rights.
    """
    prepare = settings.prepare
    if prepare.admin_url is None:
        raise BadInput("KPI_PREPARE__ADMIN_URL is empty: it names who may create databases.")
    logins = [read_login(url) for url in prepare.database_urls]
    read_readers(prepare)  # a wrong URL is told before anything is done
    with administrator(prepare.admin_url) as connection:
        superuser = _require_rights(connection)
        open_to_all = [name for name in _OF_THE_SERVER if not _closed(connection, name)]
        for login in logins:
            prepare_role(connection, login)
            if not superuser:
                _act_for(connection, login.role)
            _prepare_database(connection, login)
    return Prepared([login.database for login in logins], open_to_all)


def _require_rights(connection: Connection) -> bool:
    """Return whether the administrator is a superuser."""
    we = fetch_one(connection, "platform/warehouse/who_we_are.sql")
    if not (we["superuser"] or we["may_prepare"]):
        raise KpiError(
            f"The administrator {we['name']} of KPI_PREPARE__ADMIN_URL may not create databases "
            "and roles: give it CREATEDB and CREATEROLE, or name another one. Nothing was changed."
        )
    return bool(we["superuser"])


def _closed(connection: Connection, database: str) -> bool:
    """Keep others out of a database of the server, where we may; return whether we may."""
    ours = fetch_one(
        connection, "platform/warehouse/owner_of_database.sql", {"database": database}
    )["ours"]
    if ours:
        run(connection, "keep_others_out", database=database)
    return bool(ours)


def _prepare_database(connection: Connection, login: Login) -> None:
    if not found(connection, "database_exists", database=login.database):
        run(connection, "create_database", database=login.database, role=login.role)
    run(connection, "keep_others_out", database=login.database)


def _act_for(connection: Connection, role: str) -> None:
    # Since PostgreSQL 16, who creates a role may give itself the rest, and has to ask for it.
    options = "WITH INHERIT TRUE, SET TRUE" if connection.info.server_version >= _ASKS else ""
    execute(
        connection,
        "platform/warehouse/act_for_role.sql",
        role=sql.Identifier(role),
        options=sql.SQL(options),
    )
