"""Schema changes: ordered, checksummed SQL files, applied once.

Of Python's libraries for plain SQL migrations, yoyo stores no checksum of a file's content and
leaves a stale lock after a killed process; Alembic's revisions are Python. All we need is one
table and one advisory lock.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import LiteralString

from flows.errors import KpiError
from flows.paths import MIGRATIONS
from flows.platform.warehouse.advisory_lock import wait_for_lock
from flows.platform.warehouse.connection import Connection, execute, table_exists, transaction
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


def migrate(settings: Settings, folder: Path = MIGRATIONS) -> list[str]:
    """Apply missing migrations in one transaction, and return the versions applied.

    Safe to run repeatedly and concurrently. Raises KpiError when an applied file was changed or
    is gone.
    """
    with transaction(settings, "migrate") as connection:
        wait_for_lock(connection, "migrate")
        applied = _applied(connection)
        migrations = read_migrations(folder)
        _check_history(applied, migrations)
        missing = [migration for migration in migrations if migration.version not in applied]
        for migration in missing:
            connection.execute(migration.statements)
            execute(
                connection,
                "platform/warehouse/record_migration.sql",
                {"version": migration.version, "checksum": migration.checksum},
            )
        return [migration.version for migration in missing]


def pending_migrations(settings: Settings, folder: Path = MIGRATIONS) -> list[str]:
    """Return the versions that `migrate` would apply; change nothing."""
    with transaction(settings, "migrations") as connection:
        applied = _applied(connection) if table_exists(connection, "dqm.schema_migrations") else {}
        _check_history(applied, read_migrations(folder))
    return [m.version for m in read_migrations(folder) if m.version not in applied]


def _applied(connection: Connection) -> dict[str, str]:
    execute(connection, "platform/warehouse/create_migrations.sql")
    rows = execute(connection, "platform/warehouse/applied_migrations.sql")
    return {row["version"]: row["checksum"] for row in rows}


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
