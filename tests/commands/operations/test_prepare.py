"""`kpi prepare` on a server of one's own: what it says it has made."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet

from flows.local.postgres.server import PostgresServer
from tests.commands.command_result import CommandResult

Kpi = Callable[..., CommandResult]


@pytest.fixture
def own_server(postgres_binaries: Path, tmp_path: Path) -> Iterator[PostgresServer]:
    """A server whose roles and databases this test makes."""
    server = PostgresServer(
        binaries=postgres_binaries, folder=tmp_path / "postgres", settings={"fsync": "off"}
    )
    server.start()
    yield server
    server.stop()


def test_databases_then_tables_then_who_reads_them(
    own_server: PostgresServer, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = own_server.url("postgres").rpartition("@")[2].partition("/")[0]
    owner, app, analyst = (
        f"postgresql://{role}:secret-of-{role}@{address}/crypto_db"
        for role in ("crypto", "app", "analyst")
    )
    monkeypatch.setenv("KPI_DATABASE_URL", owner)
    monkeypatch.setenv("KPI_PREPARE__ADMIN_URL", own_server.url("postgres"))
    monkeypatch.setenv("KPI_PREPARE__DATABASE_URLS", f'["{owner}"]')
    monkeypatch.setenv("KPI_PREPARE__APP_URL", app)
    monkeypatch.setenv("KPI_PREPARE__READER_URL", analyst)

    first, again = kpi("prepare", "databases"), kpi("prepare", "databases")

    assert (first.code, again.code) == (0, 0)
    assert "Applied 0001_crypto_events." in first.out
    assert again.out.splitlines() == [
        "Database crypto_db is there.",
        "app reads crypto_db.",
        "analyst reads crypto_db.",
    ]
    for url in (app, analyst):
        with psycopg.connect(url) as connection:
            connection.execute("SELECT FROM prod.bt_crypto_events")


def test_the_key_of_prefects_blocks_comes_from_its_servers_environment(
    own_server: PostgresServer, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = own_server.url("postgres").replace("postgresql:", "postgresql+asyncpg:")
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", url)
    refused = kpi("prepare", "prefect")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("kpi: PREFECT_SERVER_ENCRYPTION_KEY is empty: ")

    monkeypatch.setenv("PREFECT_SERVER_ENCRYPTION_KEY", Fernet.generate_key().decode())
    assert kpi("prepare", "prefect").out == "0 blocks have the key of the environment.\n"
