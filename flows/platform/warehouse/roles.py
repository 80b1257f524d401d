"""A PostgreSQL server's administrator, and the roles that it makes."""

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


@dataclass(frozen=True)
class Login:
    """A role, its password, and the database it connects to."""

    database: str
    role: str
    password: str


@contextmanager
def administrator(url: SecretStr, database: str | None = None) -> Iterator[Connection]:
    """Connect as the administrator, to a database; a right that is missing is a KpiError."""
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


def read_login(url: SecretStr) -> Login:
    """Return what the URL says; raise BadInput, which shows nothing of it, when it lacks a part."""
    try:
        parts = conninfo_to_dict(url.get_secret_value())
        return Login(str(parts["dbname"]), str(parts["user"]), str(parts["password"]))
    except (psycopg.ProgrammingError, KeyError):
        # Not the driver's message: it would show the password.
        raise BadInput(
            "A URL among KPI_PREPARE__… is not postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE."
        ) from None


def prepare_role(connection: Connection, login: Login) -> None:
    """Create the role if it is missing, give it its password, and keep its connections alive."""
    if not found(connection, "role_exists", role=login.role):
        run(connection, "create_role", role=login.role)
    run(connection, "keep_alive", role=login.role)
    verifier = connection.pgconn.encrypt_password(
        login.password.encode(), login.role.encode(), b"scram-sha-256"
    )
    execute(
        connection,
        "platform/warehouse/set_password.sql",
        role=sql.Identifier(login.role),
        verifier=sql.Literal(verifier.decode()),
    )


def found(connection: Connection, name: LiteralString, **parameters: str) -> bool:
    """Return what `sql/platform/warehouse/<name>.sql` answers in its column `found`."""
    return bool(fetch_one(connection, f"platform/warehouse/{name}.sql", parameters)["found"])


def run(connection: Connection, name: LiteralString, **names: str) -> None:
    """Run `sql/platform/warehouse/<name>.sql`, with these identifiers in it."""
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    execute(connection, f"platform/warehouse/{name}.sql", None, **identifiers)
