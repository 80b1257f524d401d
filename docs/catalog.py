"""What PostgreSQL's catalog says about the warehouse: schemas, tables, views, columns, comments."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from flows.local.postgres.server import PostgresServer, wheel_binaries
from flows.platform.warehouse.connection import Connection, connect, execute
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings

_WRITTEN = "Written by: "
_READ = "Read by: "


@dataclass(frozen=True)
class CatalogColumn:
    """One column; `meaning` is its comment, None where there is none."""

    name: str
    type: str
    required: bool
    meaning: str | None


@dataclass(frozen=True)
class Relation:
    """A table or a view; `writers` and `readers` are steps, commands, the app, people."""

    schema: str
    name: str
    is_view: bool
    meaning: str | None
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    columns: tuple[CatalogColumn, ...]


@contextmanager
def migrated_warehouse() -> Iterator[Connection]:
    """Yield a connection to an empty warehouse with every migration, on a server of its own.

    The server listens on a free port and is gone afterwards. Raises KpiError when it does not
    start.
    """
    with TemporaryDirectory(prefix="kpi-docs-") as name:
        server = PostgresServer(
            binaries=wheel_binaries(),
            folder=Path(name) / "postgres",
            settings={"fsync": "off"},
        )
        server.start()
        try:
            settings = Settings(home=Path(name), database_url=SecretStr(server.url("postgres")))
            migrate(settings)
            with connect(settings, "docs") as connection:
                yield connection
        finally:
            server.stop()


def schemas(connection: Connection) -> dict[str, str | None]:
    """Return what each of our schemas holds, by name; None where it has no comment."""
    rows = execute(connection, "docs/describe_schemas.sql")
    return {row["name"]: row["comment"] for row in rows}


def relations(connection: Connection) -> list[Relation]:
    """Return our tables and views by schema and name, partitions left out."""
    rows = execute(connection, "docs/describe_columns.sql").fetchall()
    found = []
    for (schema, name), columns in groupby(rows, lambda row: (row["schema"], row["table"])):
        described = list(columns)
        meaning, *lines = (described[0]["table_comment"] or "").split("\n")
        found.append(
            Relation(
                schema,
                name,
                described[0]["is_view"],
                meaning or None,
                writers=_names(lines, _WRITTEN),
                readers=_names(lines, _READ),
                columns=tuple(
                    CatalogColumn(row["name"], row["type"], row["required"], row["comment"])
                    for row in described
                ),
            )
        )
    return found


def _names(lines: list[str], prefix: str) -> tuple[str, ...]:
    names = [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]
    return tuple(name for line in names for name in line.split(", "))
