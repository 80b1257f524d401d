"""Roles and databases on a real server: each role sees its own database alone."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from flows.errors import BadInput
from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.databases import prepare_databases
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings
from flows.settings.servers import PrepareSettings

# One process makes what they share.
pytestmark = pytest.mark.xdist_group("databases")

Url = Callable[..., str]


@pytest.fixture(scope="module")
def server_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server of these tests logs: every statement."""
    return tmp_path_factory.mktemp("own") / "postgres.log"


@pytest.fixture(scope="module")
def own_server(postgres_binaries: Path, server_log: Path) -> Iterator[str]:
    """URL of who owns a server whose rights these tests may change."""
    own = PostgresServer(
        binaries=postgres_binaries,
        folder=server_log.parent,
        settings={"fsync": "off", "log_statement": "all"},
    )
    own.start()
    yield own.url("postgres")
    own.stop()
    shutil.rmtree(own.folder)


@pytest.fixture(scope="module")
def url(own_server: str) -> Url:
    """Makes the URL of a role and a database on the server, with a password of its own."""
    address = own_server.rpartition("@")[2].partition("/")[0]
    passwords: dict[str, str] = {}

    def make(role: str, database: str, password: str | None = None) -> str:
        known = password or passwords.setdefault(role, token_hex())
        return f"postgresql://{role}:{known}@{address}/{database}"

    return make


@pytest.fixture(scope="module")
def prepared(own_server: str, url: Url) -> Settings:
    """Settings of a server on which two databases and a reader were made."""
    settings = Settings(
        database_url=SecretStr(url("crypto", "crypto_db")),
        prepare=PrepareSettings(
            admin_url=SecretStr(own_server),
            database_urls=(
                SecretStr(url("crypto", "crypto_db")),
                SecretStr(url("mlflow", "mlflow_db")),
            ),
            reader_url=SecretStr(url("analyst", "crypto_db")),
        ),
    )
    assert prepare_databases(settings) == ["crypto_db", "mlflow_db"]
    migrate(settings)
    return settings


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize(
    ("role", "database"),
    [
        ("mlflow", "crypto_db"),
        ("crypto", "mlflow_db"),
        ("analyst", "mlflow_db"),
        ("crypto", "postgres"),
    ],
)
def test_no_role_connects_to_a_database_of_others(url: Url, role: str, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(url(role, database))


@pytest.mark.usefixtures("prepared")
def test_a_wrong_password_is_refused(url: Url) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url("crypto", "crypto_db", token_hex()))


def test_a_role_owns_its_database(prepared: Settings, url: Url) -> None:
    with psycopg.connect(url("mlflow", "mlflow_db")) as connection:
        connection.execute("CREATE TABLE runs (id int)")
        # Prefect's tables need it.
        connection.execute("CREATE EXTENSION pg_trgm")


@pytest.mark.usefixtures("prepared")
def test_the_reader_reads_every_table_and_changes_none(url: Url) -> None:
    with psycopg.connect(url("crypto", "crypto_db")) as connection:
        connection.execute("CREATE TABLE prod.later (id int)")
    with psycopg.connect(url("analyst", "crypto_db"), autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM prod.later").fetchone() == (0,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("DELETE FROM prod.later")
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM prod.later")


def test_again_with_another_password_changes_the_password_alone(own_server: str, url: Url) -> None:
    former, latter = (url("prefect", "prefect_db", token_hex()) for _ in range(2))
    _prepare(own_server, former)
    with psycopg.connect(former) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    _prepare(own_server, latter)
    with psycopg.connect(latter) as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(former)


def test_passwords_reach_no_log_of_the_server(prepared: Settings, server_log: Path) -> None:
    log = server_log.read_text()
    assert "ALTER ROLE" in log
    for secret in prepared.prepare.database_urls:
        assert conninfo_to_dict(secret.get_secret_value())["password"] not in log


@pytest.mark.parametrize("given", ["", "crypto_db", "postgresql://crypto@db:5432/crypto_db"])
def test_an_incomplete_url_is_refused_without_showing_it(given: str) -> None:
    prepare = PrepareSettings(
        admin_url=SecretStr("postgresql://postgres@127.0.0.1:1/postgres"),
        database_urls=(SecretStr(given),),
    )
    with pytest.raises(BadInput, match="A URL among KPI_PREPARE__… is not postgresql://ROLE:PASS"):
        prepare_databases(Settings(prepare=prepare))


def test_without_who_may_create_databases_it_says_so() -> None:
    with pytest.raises(BadInput, match="KPI_PREPARE__ADMIN_URL is empty"):
        prepare_databases(Settings())


def test_names_are_quoted(own_server: str, url: Url) -> None:
    assert _prepare(own_server, url("odd%20%22name%22", "odd%20%22name%22")) == ['odd "name"']


def _prepare(admin_url: str, database_url: str) -> list[str]:
    return prepare_databases(
        Settings(
            prepare=PrepareSettings(
                admin_url=SecretStr(admin_url), database_urls=(SecretStr(database_url),)
            )
        )
    )
