"""Prefect's own database in a new home: the prepared one, unless something else is meant."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flows.platform.orchestration.environment import configure_prefect
from flows.platform.orchestration.startup import database as module
from flows.platform.orchestration.startup.database import laid_out_database
from flows.settings import Settings

MIGRATE = "PREFECT_API_DATABASE_MIGRATE_ON_START"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Prefect's folder, empty, with nothing else set."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    configure_prefect(Settings(home=tmp_path))
    return tmp_path / "prefect"


def query(database: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
        return rows


def told_to_migrate() -> bool:
    with laid_out_database():
        return os.environ.get(MIGRATE) != "false"


def test_a_new_home_gets_all_that_prefect_would_make(home: Path) -> None:
    assert not told_to_migrate()

    tables = {name for (name,) in query(home / "prefect.db", "SELECT name FROM sqlite_master")}
    assert {"flow_run", "task_run", "artifact", "block_type"} <= tables
    slugs = {slug for (slug,) in query(home / "prefect.db", "SELECT slug FROM block_type")}
    assert {"local-file-system", "s3-bucket", "sqlalchemy-connector"} <= slugs
    assert query(home / "prefect.db", "SELECT count(*) FROM flow_run") == [(0,)]
    assert list(home.iterdir()) == [home / "prefect.db"]


def test_no_process_that_starts_later_is_told(home: Path) -> None:
    told_to_migrate()

    assert MIGRATE not in os.environ


def test_what_is_there_stays(home: Path) -> None:
    told_to_migrate()
    query(home / "prefect.db", "UPDATE block_type SET description = 'mine'")

    assert not told_to_migrate()
    found = query(home / "prefect.db", "SELECT DISTINCT description FROM block_type")
    assert found == [("mine",)]


def test_one_of_another_version_is_left_to_prefect(home: Path) -> None:
    told_to_migrate()
    query(home / "prefect.db", "UPDATE alembic_version SET version_num = '9e2a1c08c6f1'")

    assert told_to_migrate()
    assert query(home / "prefect.db", "SELECT * FROM alembic_version") == [("9e2a1c08c6f1",)]


@pytest.mark.parametrize("damage", [b"", b"no database at all"])
def test_what_is_no_database_is_left_to_prefect(home: Path, damage: bytes) -> None:
    (home / "prefect.db").write_bytes(damage)

    assert told_to_migrate()
    assert (home / "prefect.db").read_bytes() == damage


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PREFECT_API_URL", "http://127.0.0.1:1/api"),
        ("PREFECT_API_DATABASE_CONNECTION_URL", "sqlite+aiosqlite:////tmp/other.db"),
    ],
)
def test_who_uses_another_gets_none(
    home: Path, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    assert told_to_migrate()
    assert not (home / "prefect.db").exists()


def test_without_a_prepared_one_prefect_makes_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "prepared", lambda *_: None)

    assert told_to_migrate()
    assert not (home / "prefect.db").exists()
