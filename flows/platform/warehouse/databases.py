"""The databases of a PostgreSQL server: one role each, with access to no other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row
from pydantic import SecretStr

from flows.errors import BadInput, KpiError
from flows.platform.warehouse.connection import Connection, execute, fetch_one
from flows.settings import Settings

_OF_THE_SERVER = ("postgres", "template1")
_ASKS = 160000  # PostgreSQL 16


@dataclass(frozen=True)
class Login:
    """A role, its password, and the database it connects to."""

    database: str
    role: str
    password: str


@dataclass(frozen=True)
class Prepared:
    """The databases that are there now, and those of the server itself that stay open to all."""

    databases: list[str]
    open_to_all: list[str]


def prepare_databases(settings: Settings) -> Prepared:
    """Create the databases, roles and grants of `settings.prepare`.

    A role owns its database and can connect to no other; the reader can read the one in its URL.
    The administrator needs CREATEDB and CREATEROLE, as a managed server gives them, and no more.
    Running it again changes only changed passwords. Raises BadInput for an incomplete URL, and
    KpiError for an administrator with fewer rights.
    """
    prepare = settings.prepare
    if prepare.admin_url is None:
        raise BadInput("KPI_PREPARE__ADMIN_URL is empty: it names who may create databases.")
    logins = [_login(url) for url in prepare.database_urls]
    reader = _login(prepare.reader_url) if prepare.reader_url is not None else None
    with _administrator(prepare.admin_url) as connection:
        superuser = _require_rights(connection)
        open_to_all = [name for name in _OF_THE_SERVER if not _closed(connection, name)]
        for login in logins:
            _prepare_role(connection, login)
            if not superuser:
                _act_for(connection, login.role)
            _prepare_database(connection, login)
        if reader is not None:
            _prepare_role(connection, reader)
            _run(connection, "let_reader_in", database=reader.database, role=reader.role)
            _run(connection, "reader_changes_nothing", role=reader.role)
    if reader is not None:
        with _administrator(prepare.admin_url, reader.database) as connection:
            _let_read(connection, reader)
    return Prepared([login.database for login in logins], open_to_all)


@contextmanager
def _administrator(url: SecretStr, database: str | None = None) -> Iterator[Connection]:
    address = url.get_secret_value()
    if database is not None:
        address = make_conninfo(address, dbname=database)
    with psycopg.connect(address, autocommit=True, row_factory=dict_row) as connection:
        try:
            yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            reason = str(error.diag.message_primary)
            raise KpiError(
                f"The administrator {connection.info.user} of KPI_PREPARE__ADMIN_URL was refused: "
                f"{reason}. Roles and databases that somebody else made have to be its own: GRANT "
                "each such role to it WITH ADMIN OPTION, then run this again."
            ) from error


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
    found = fetch_one(
        connection, "platform/warehouse/owner_of_database.sql", {"database": database}
    )
    if found["ours"]:
        _run(connection, "keep_others_out", database=database)
    return bool(found["ours"])


def _login(url: SecretStr) -> Login:
    try:
        parts = conninfo_to_dict(url.get_secret_value())
        return Login(str(parts["dbname"]), str(parts["user"]), str(parts["password"]))
    except (psycopg.ProgrammingError, KeyError):
        # Not the driver's message: it would show the password.
        raise BadInput(
            "A URL among KPI_PREPARE__… is not postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE."
        ) from None


def _prepare_role(connection: Connection, login: Login) -> None:
    if not _found(connection, "role_exists", role=login.role):
        _run(connection, "create_role", role=login.role)
    verifier = connection.pgconn.encrypt_password(
        login.password.encode(), login.role.encode(), b"scram-sha-256"
    )
    execute(
        connection,
        "platform/warehouse/set_password.sql",
        role=sql.Identifier(login.role),
        verifier=sql.Literal(verifier.decode()),
    )


def _prepare_database(connection: Connection, login: Login) -> None:
    if not _found(connection, "database_exists", database=login.database):
        _run(connection, "create_database", database=login.database, role=login.role)
    _run(connection, "keep_others_out", database=login.database)


def _act_for(connection: Connection, role: str) -> None:
    # Since PostgreSQL 16, who creates a role may give itself the rest, and has to ask for it.
    options = "WITH INHERIT TRUE, SET TRUE" if connection.info.server_version >= _ASKS else ""
    execute(
        connection,
        "platform/warehouse/act_for_role.sql",
        role=sql.Identifier(role),
        options=sql.SQL(options),
    )


def _let_read(connection: Connection, reader: Login) -> None:
    owner = fetch_one(
        connection, "platform/warehouse/owner_of_database.sql", {"database": reader.database}
    )["owner"]
    _run(connection, "let_reader_see_later", owner=owner, role=reader.role)
    _run(connection, "let_reader_read_later", owner=owner, role=reader.role)
    grants = execute(connection, "platform/warehouse/grants_for_reader.sql", {"role": reader.role})
    for grant in grants.fetchall():
        connection.execute(grant["statement"])


def _found(connection: Connection, name: LiteralString, **parameters: str) -> bool:
    return bool(fetch_one(connection, f"platform/warehouse/{name}.sql", parameters)["found"])


def _run(connection: Connection, name: LiteralString, **names: str) -> None:
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    execute(connection, f"platform/warehouse/{name}.sql", None, **identifiers)
