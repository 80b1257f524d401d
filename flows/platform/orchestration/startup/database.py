"""Prefect's own database on this machine, for flows that run without a Prefect server.

Prefect 2 creates it with a hundred migrations while its API starts. It is the same for every
home, so it is created once per installation and copied. Prefect 3 starts a server instead.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.platform.storage.atomic_files import copy_once, read_json, write_json
from flows.platform.storage.prepared_files import prepared

_DATABASE = "prefect.db"
_REVISION = "revision.json"
_PACKAGES = ("prefect", "prefect-aws", "prefect-sqlalchemy")
# What the API does on each start; a database of this version has it done already.
DONE = (
    "PREFECT_API_DATABASE_MIGRATE_ON_START",
    "PREFECT_API_BLOCKS_REGISTER_ON_START",
    "PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION",
)


@contextmanager
def laid_out_database() -> Iterator[None]:
    """Import Prefect inside: its database in PREFECT_HOME is ready, or Prefect creates it itself.

    A new home gets a copy of the prepared database. One of another version is left to Prefect,
    which migrates it on start. Does nothing when the settings point to a server or to another
    database.
    """
    elsewhere = {"PREFECT_API_URL", "PREFECT_API_DATABASE_CONNECTION_URL"} & set(os.environ)
    ready = not elsewhere and version("prefect").startswith("2.") and _is_laid_out()
    told = {name: "false" for name in DONE if ready and name not in os.environ}
    os.environ.update(told)
    try:
        yield
    finally:
        # Prefect has read them; servers started later must not inherit them.
        for name in told:
            del os.environ[name]


def _is_laid_out() -> bool:
    versions = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    template = prepared("prefect-database", versions, _make)
    if template is None:
        return False
    database = Path(os.environ["PREFECT_HOME"]) / _DATABASE
    if not database.exists():
        copy_once(template / _DATABASE, database)
    return bool(_revision(database) == read_json(template / _REVISION))


def _revision(database: Path) -> str | None:
    try:
        # Without creating a missing file.
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return str(found[0]) if found else None


def _make(folder: Path) -> None:
    """Create a database in a separate process: Prefect reads its settings when imported."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    subprocess.run(
        [sys.executable, "-m", __name__, folder / _DATABASE],
        env={
            **environment,
            "PREFECT_HOME": str(folder / "home"),
            "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / _DATABASE}",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    shutil.rmtree(folder / "home", ignore_errors=True)
    write_json(folder / _REVISION, _revision(folder / _DATABASE))


async def _lay_out() -> None:
    from prefect.plugins import load_prefect_collections
    from prefect.server.database.dependencies import provide_database_interface
    from prefect.server.models.block_registration import run_block_auto_registration

    database: Any = provide_database_interface()
    await database.create_db()
    load_prefect_collections()
    async with await database.session() as session:
        await run_block_auto_registration(session=session)
    await (await database.engine()).dispose()


if __name__ == "__main__":
    asyncio.run(_lay_out())
