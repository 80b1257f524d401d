"""The roles that only read the warehouse, and what each of them may read: `sql/grants/`."""

from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from flows.errors import BadInput, KpiError
from flows.platform.warehouse.connection import Connection, execute, fetch_one, table_exists
from flows.platform.warehouse.roles import Login, administrator, prepare_role, read_login, run
from flows.settings import Settings
from flows.settings.servers import PrepareSettings


@dataclass(frozen=True)
class Reader:
    """A login that reads, and the files of `sql/grants/` that say what."""

    login: Login
    grants: tuple[LiteralString, ...]


@dataclass(frozen=True)
class LetIn:
    """A reader that is there now; `open_functions` are those that only a superuser can close."""

    role: str
    database: str
    open_functions: int


def read_readers(prepare: PrepareSettings) -> list[Reader]:
    """Return the readers of these settings; raise BadInput for an incomplete URL."""
    readers = []
    if prepare.app_url is not None:
        readers.append(Reader(read_login(prepare.app_url), ("app",)))
    if prepare.reader_url is not None:
        text: tuple[LiteralString, ...] = ()
        if prepare.reader_sees_delivered_text:
            text = ("delivered_text",)
        readers.append(Reader(read_login(prepare.reader_url), ("analyst", *text)))
    if prepare.metrics_url is not None:
        readers.append(Reader(read_login(prepare.metrics_url), ("metrics",)))
    return readers


def let_readers_in(settings: Settings) -> list[LetIn]:
    """Create the readers of `settings.prepare`, each with its rights and limits and no others.

    What a reader was given before is taken from it in the same transaction. Their database needs
    our tables. Raises BadInput for an incomplete URL, KpiError for an administrator who may not do
    it, or a database without our tables.
    """
    prepare = settings.prepare
    if prepare.admin_url is None:
        raise BadInput("KPI_PREPARE__ADMIN_URL is empty: it names who may create roles.")
    let_in = []
    for reader in read_readers(prepare):
        with administrator(prepare.admin_url, reader.login.database) as connection:
            let_in.append(_let_in(connection, reader))
    return let_in


def _let_in(connection: Connection, reader: Reader) -> LetIn:
    database, role = reader.login.database, reader.login.role
    if not table_exists(connection, "dqm.schema_migrations"):
        raise KpiError(
            f"The database {database}, which {role} is to read, has no tables of ours: let "
            "KPI_DATABASE_URL name the same one."
        )
    owner = fetch_one(
        connection, "platform/warehouse/owner_of_database.sql", {"database": database}
    )["owner"]
    names = {"role": sql.Identifier(role), "owner": sql.Identifier(owner)}
    prepare_role(connection, reader.login)
    with connection.transaction():
        found = execute(connection, "platform/warehouse/what_reader_has.sql", {"role": role})
        for revoked in found.fetchall():
            connection.execute(revoked["statement"])
        for name in ("limits", *reader.grants):
            execute(connection, f"grants/{name}.sql", None, **names)
        run(connection, "let_reader_in", database=database, role=role)
        open_functions = _close_functions(connection, owner, role)
    return LetIn(role, database, open_functions)


def _close_functions(connection: Connection, owner: str, role: str) -> int:
    """Leave to the owner what lets every role write or lock; return how many stay open."""
    names = {"owner": owner, "role": role}
    found = execute(connection, "platform/warehouse/open_functions.sql", names).fetchall()
    if not fetch_one(connection, "platform/warehouse/who_we_are.sql")["superuser"]:
        return len(found)
    for function in found:
        connection.execute(function["closed"])
        connection.execute(function["kept"])
    return 0
