"""Schema changes: ordered, checksummed SQL files, applied once.

Of Python's libraries for plain SQL migrations, yoyo stores no checksum of a file's content and
leaves a stale lock after a killed process; Alembic's revisions are Python. All we need is one
table and one lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import LiteralString

import psycopg

from flows.errors import KpiError, first_line
from flows.paths import MIGRATIONS
from flows.platform.warehouse.connection import Connection, execute, table_exists, transaction
from flows.platform.warehouse.locks import wait_for_migrations
from flows.platform.warehouse.server import Server, check_server, check_writable
from flows.settings import Settings


@dataclass(frozen=True)
class Migration:
    """One file `NNNN_what_it_does.sql`, whatever ends its lines in this checkout."""

    version: str
    statements: LiteralString

    @property
    def checksum(self) -> str:
        """What is recorded when it is applied: with LF, as the repository has it."""
        return _checksum(self.statements)

    @property
    def known(self) -> tuple[str, str]:
        """The checksums that mean this file: a former version recorded CRLF as it found it."""
        return self.checksum, _checksum(self.statements.replace("\n", "\r\n"))


def read_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """Read the folder's `*.sql` files in name order."""
    return [
        Migration(
            version=path.stem,
            statements=path.read_text(encoding="utf-8"),
        )
        for path in sorted(folder.glob("*.sql"))
    ]


def migrate(
    settings: Settings, folder: Path = MIGRATIONS, *, only_reads: bool = False
) -> list[str]:
    """Check the server, apply missing migrations in one transaction, return their versions.

    Safe to run repeatedly and concurrently; writes nothing when nothing is missing. Raises
    KpiError when the server is not fit, or not writable unless the caller `only_reads`; when a
    migration is missing that the user may not apply; when an applied file was changed or is gone.
    """
    with transaction(settings, "migrate") as connection:
        return _migrate(connection, folder, only_reads=only_reads)


@contextmanager
def migrated(settings: Settings, purpose: str) -> Iterator[Connection]:
    """Open a connection for one transaction that only reads, after what `migrate` does."""
    with transaction(settings, purpose) as connection:
        _migrate(connection, MIGRATIONS, only_reads=True)
        # What was applied stays, whatever comes.
        connection.commit()
        yield connection


def _migrate(connection: Connection, folder: Path, *, only_reads: bool) -> list[str]:
    server = check_server(connection)
    if not only_reads:
        check_writable(server)
    missing = _missing(connection, folder)
    if not missing:
        return []
    try:
        check_writable(server)
    except KpiError as error:
        raise _cannot_add(missing[0], server, error) from error
    try:
        return _apply(connection, folder)
    except psycopg.errors.InsufficientPrivilege as error:
        raise _cannot_add(missing[0], server, error) from error


def _cannot_add(missing: Migration, server: Server, error: Exception) -> KpiError:
    return KpiError(
        f"The warehouse lacks the migration {missing.version}, and {server.role} cannot add it: "
        f"{first_line(error).rstrip('.')}. Run kpi once as the role that owns the database."
    )


def missing_migrations(connection: Connection, folder: Path = MIGRATIONS) -> list[str]:
    """Return the versions that `migrate` would apply; change nothing.

    Raises KpiError when an applied file was changed or is gone.
    """
    return [migration.version for migration in _missing(connection, folder)]


def _apply(connection: Connection, folder: Path) -> list[str]:
    wait_for_migrations(connection)
    execute(connection, "platform/warehouse/create_migrations.sql")
    missing = _missing(connection, folder)  # another process may have been faster
    for migration in missing:
        connection.execute(migration.statements)
        execute(
            connection,
            "platform/warehouse/record_migration.sql",
            {"version": migration.version, "checksum": migration.checksum},
        )
    return [migration.version for migration in missing]


def _missing(connection: Connection, folder: Path) -> list[Migration]:
    applied: dict[str, str] = {}
    if table_exists(connection, "dqm.schema_migrations"):
        rows = execute(connection, "platform/warehouse/applied_migrations.sql")
        applied = {row["version"]: row["checksum"] for row in rows}
    migrations = read_migrations(folder)
    _check_history(applied, migrations)
    return [migration for migration in migrations if migration.version not in applied]


def _checksum(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _check_history(applied: dict[str, str], migrations: list[Migration]) -> None:
    current = {migration.version: migration.known for migration in migrations}
    changed = [v for v, known in applied.items() if known not in current.get(v, (known,))]
    unknown = [version for version in applied if version not in current]
    if changed:
        raise KpiError(
            f"sql/migrations/{changed[0]}.sql was changed after it had been applied. "
            "Restore the file and put the change into a new migration."
        )
    if unknown:
        raise KpiError(
            f"The warehouse has migration {unknown[0]}, which this version of the code lacks. "
            "Update the code."
        )
