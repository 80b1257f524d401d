"""A server of somebody else's proves who it is: the embedded one cannot, so PostgreSQL 15 does."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from typer.testing import CliRunner

from compose.stack.settings.environment import assignments, first_text
from flows.cli import command_line
from flows.local.postgres.server import PostgresServer
from flows.paths import REPOSITORY
from flows.platform.warehouse.connection import connect, is_transient
from flows.platform.warehouse.databases import prepare_databases
from flows.platform.warehouse.errors import refusal
from flows.platform.warehouse.migrations import migrate
from flows.platform.warehouse.readers import let_readers_in
from flows.settings import Settings, load_settings
from tests.compose.settings.filled_in import filled_in

COMPOSE = (REPOSITORY / "compose" / "compose.yaml").read_text(encoding="utf-8")
ADMINISTRATOR = "dba"
IS_ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two authorities: `ours.crt`, which signed `server.crt`, and `other.crt`."""
    folder = tmp_path_factory.mktemp("authorities")
    for name in ("ours", "other"):
        _openssl(folder, name, f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE")
    by_ours = ("-CA", "ours.crt", "-CAkey", "ours.key", "-addext", "subjectAltName=IP:127.0.0.1")
    _openssl(folder, "server", "/CN=database", *by_ours)
    return folder


@pytest.fixture(scope="module")
def values(authorities: Path) -> dict[str, str]:
    """What `make up` writes, for a server that is to be checked; its address comes later."""
    return assignments(first_text()) | {
        "POSTGRES_ADMINISTRATOR": ADMINISTRATOR,
        "POSTGRES_SSLMODE": "verify-full",
        "POSTGRES_SSLROOTCERT": str(authorities / "ours.crt"),
    }


@pytest.fixture(scope="module")
def managed(
    postgres_binaries: Path,
    authorities: Path,
    values: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PostgresServer]:
    """A server that speaks TLS alone, with an administrator who is no superuser."""
    server = PostgresServer(
        binaries=postgres_binaries,
        folder=tmp_path_factory.mktemp("managed"),
        settings={"fsync": "off"},
    )
    server.start()
    owner = server.data.stat()
    for name in ("server.crt", "server.key"):
        shutil.copy(authorities / name, server.data)
        shutil.chown(server.data / name, owner.st_uid, owner.st_gid)
        (server.data / name).chmod(0o600)
    (server.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(
            f"CREATE ROLE {ADMINISTRATOR} LOGIN CREATEDB CREATEROLE"
            f" PASSWORD '{values['POSTGRES_PASSWORD']}'"
        )
        connection.execute("ALTER SYSTEM SET ssl = on")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture(scope="module")
def services(managed: PostgresServer, values: dict[str, str]) -> dict[str, dict[str, str]]:
    """The environment of each service, as Compose makes it of these values."""
    address = {"POSTGRES_ADDRESS": f"127.0.0.1:{managed.port}"}
    return {
        # A variable without a value is passed on where it is set: it is not.
        name: {key: value for key, value in service["environment"].items() if value is not None}
        for name, service in yaml.safe_load(filled_in(COMPOSE, values | address))[
            "services"
        ].items()
        if "environment" in service
    }


@pytest.fixture(scope="module")
def prepared(services: dict[str, dict[str, str]]) -> Settings:
    """What the service `databases` does."""
    with patch.dict(os.environ, services["databases"]):
        settings = load_settings()
    prepare_databases(settings)
    migrate(settings)
    let_readers_in(settings)
    return settings


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("service", ["worker", "app", "jupyter", "airflow-worker"])
def test_our_services_connect_and_check(services: dict[str, dict[str, str]], service: str) -> None:
    url = SecretStr(services[service]["KPI_DATABASE_URL"])
    with connect(Settings(database_url=url), "test") as connection:
        assert connection.execute(IS_ENCRYPTED).fetchall() == [{"ssl": True}]


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("mlflow", "MLFLOW_BACKEND_STORE_URI"),
        ("airflow-api", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"),
    ],
)
def test_servers_of_others_connect_and_check(
    services: dict[str, dict[str, str]], service: str, variable: str
) -> None:
    # Their driver is in the images alone: this one has libpq as well.
    url = make_url(services[service][variable]).set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.connect() as connection:
        assert _is_encrypted(connection)
    engine.dispose()


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize(
    ("authority", "reason"), [("ours", None), ("other", "CERTIFICATE_VERIFY_FAILED")]
)
def test_prefects_server_connects_and_checks(
    services: dict[str, dict[str, str]], authorities: Path, authority: str, reason: str | None
) -> None:
    said = services["prefect"] | {"PGSSLROOTCERT": str(authorities / f"{authority}.crt")}
    with patch.dict(os.environ, said):
        if reason is None:
            assert asyncio.run(_prefect_is_encrypted(said))
        else:
            with pytest.raises(OSError, match=reason):
                asyncio.run(_prefect_is_encrypted(said))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"sslrootcert": "other.crt"}, "certificate verify failed"),
        ({"sslrootcert": "gone.crt"}, "root certificate file .* does not exist"),
        ({"host": "localhost"}, 'does not match host name "localhost"'),
    ],
)
def test_a_server_that_cannot_be_trusted_is_refused(
    prepared: Settings, authorities: Path, wrong: dict[str, str], reason: str
) -> None:
    assert prepared.database_url is not None
    url = make_url(prepared.database_url.get_secret_value())
    if "host" in wrong:
        url = url.set(host=wrong["host"])
    else:
        url = url.update_query_dict({"sslrootcert": str(authorities / wrong["sslrootcert"])})
    plain = SecretStr(url.render_as_string(hide_password=False))
    with pytest.raises(psycopg.OperationalError, match=reason) as refused:
        connect(Settings(database_url=plain), "test")
    # To try again would not help.
    assert not is_transient(refused.value)
    assert str(refusal(refused.value)).startswith("The warehouse does not prove who it is: ")


@pytest.mark.parametrize("installed", [True, False])
def test_kpi_psql_needs_one_that_speaks_tls(
    prepared: Settings,
    postgres_binaries: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    installed: bool,
) -> None:
    assert prepared.database_url is not None
    monkeypatch.setenv("KPI_DATABASE_URL", prepared.database_url.get_secret_value())
    monkeypatch.setenv("PATH", str(postgres_binaries) if installed else "")
    result = CliRunner().invoke(command_line(), ["psql", "-Atc", IS_ENCRYPTED])
    if installed:
        assert (result.exit_code, capfd.readouterr().out) == (0, "t\n")
    else:
        assert "The psql that comes with kpi speaks no TLS" in str(result.exception)


async def _prefect_is_encrypted(environment: dict[str, str]) -> bool:
    engine = create_async_engine(environment["PREFECT_API_DATABASE_CONNECTION_URL"])
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_is_encrypted)
    finally:
        await engine.dispose()


def _is_encrypted(connection: Connection) -> bool:
    return bool(connection.execute(text(IS_ENCRYPTED)).scalar_one())


def _openssl(folder: Path, name: str, subject: str, *more: str) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    files = ("-keyout", f"{name}.key", "-out", f"{name}.crt")
    subprocess.run(
        ["openssl", "req", "-x509", *key, *files, "-subj", subject, "-days", "1", *more],
        cwd=folder,
        check=True,
        capture_output=True,
    )
