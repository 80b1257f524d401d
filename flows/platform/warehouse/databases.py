"""The databases of a self-hosted PostgreSQL server: one role each, with access to no other."""

from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from pydantic import SecretStr

from flows.errors import BadInput
from flows.platform.warehouse.connection import Connection, execute, fetch_one
from flows.settings import Settings

_OF_THE_SERVER = ("postgres", "template1")


@dataclass(frozen=True)
class Login:
    """A role, its password, and the database it connects to."""

    database: str
    role: str
    password: str


def prepare_databases(settings: Settings) -> list[str]:
    """Create the databases, roles and grants of `settings.prepare`; return the database names.

    A role owns its database and can connect to no other; the reader can read the one in its URL.
    Running it again changes only changed passwords. Raises BadInput for an incomplete URL.
    """
    prepare = settings.prepare
    if prepare.admin_url is None:
        raise BadInput("KPI_PREPARE__ADMIN_URL is empty: it names who may create databases.")
    logins = [_login(url) for url in prepare.database_urls]
    with psycopg.connect(
        prepare.admin_url.get_secret_value(), autocommit=True, row_factory=dict_row
    ) as connection:
        for database in _OF_THE_SERVER:
            _run(connection, "keep_others_out", database=database)
        for login in logins:
            _prepare_role(connection, login)
            _prepare_database(connection, login)
        if prepare.reader_url is not None:
            _prepare_reader(connection, _login(prepare.reader_url))
    return [login.database for login in logins]


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


def _prepare_reader(connection: Connection, login: Login) -> None:
    _prepare_role(connection, login)
    _run(connection, "let_reader_in", database=login.database, role=login.role)
    _run(connection, "let_reader_read", role=login.role)
    _run(connection, "reader_changes_nothing", role=login.role)


def _found(connection: Connection, name: LiteralString, **parameters: str) -> bool:
    return bool(fetch_one(connection, f"platform/warehouse/{name}.sql", parameters)["found"])


def _run(connection: Connection, name: LiteralString, **names: str) -> None:
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    execute(connection, f"platform/warehouse/{name}.sql", None, **identifiers)
