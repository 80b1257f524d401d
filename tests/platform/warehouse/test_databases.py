"""Roles and databases on a real server: each role sees its own database alone."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from flows.errors import BadInput, KpiError
from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse.databases import Prepared, prepare_databases
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
    assert prepare_databases(settings) == Prepared(["crypto_db", "mlflow_db"], [])
    migrate(settings)
    return settings


@pytest.fixture(scope="module")
def administrator(own_server: str, url: Url) -> str:
    """URL of an administrator such as RDS and Cloud SQL give: no superuser."""
    made = url("administrator", "postgres")
    with psycopg.connect(own_server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                sql.Literal(conninfo_to_dict(made)["password"])
            )
        )
        # Another test may have kept all others out.
        connection.execute("GRANT CONNECT ON DATABASE postgres TO administrator")
    return made


@pytest.fixture(scope="module")
def managed(administrator: str, url: Url) -> Settings:
    """Settings of a server that was prepared by that administrator, before and after its tables."""
    settings = Settings(
        database_url=SecretStr(url("managed", "managed_db")),
        prepare=PrepareSettings(
            admin_url=SecretStr(administrator),
            database_urls=(SecretStr(url("managed", "managed_db")),),
            reader_url=SecretStr(url("guest", "managed_db")),
        ),
    )
    # The server's own databases belong to who runs it.
    there = Prepared(["managed_db"], ["postgres", "template1"])
    assert prepare_databases(settings) == there
    assert migrate(settings)
    assert prepare_databases(settings) == there
    return settings


@pytest.mark.usefixtures("prepared", "managed")
@pytest.mark.parametrize(
    ("role", "database"),
    [
        ("mlflow", "crypto_db"),
        ("crypto", "managed_db"),
        ("guest", "crypto_db"),
        ("managed", "crypto_db"),
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


@pytest.mark.usefixtures("prepared", "managed")
@pytest.mark.parametrize(("role", "database"), [("mlflow", "mlflow_db"), ("managed", "managed_db")])
def test_a_role_owns_its_database(url: Url, role: str, database: str) -> None:
    with psycopg.connect(url(role, database)) as connection:
        connection.execute("CREATE TABLE runs (id int)")
        # Prefect's tables need it.
        connection.execute("CREATE EXTENSION pg_trgm")


@pytest.mark.usefixtures("prepared", "managed")
@pytest.mark.parametrize(
    ("owner", "reader", "database"),
    [("crypto", "analyst", "crypto_db"), ("managed", "guest", "managed_db")],
)
def test_the_reader_reads_every_table_and_changes_none(
    url: Url, owner: str, reader: str, database: str
) -> None:
    with psycopg.connect(url(owner, database)) as connection:
        connection.execute("CREATE SCHEMA later")
        connection.execute("CREATE TABLE later.rows AS SELECT 1 AS id")
    with psycopg.connect(url(reader, database), autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM later.rows").fetchone() == (1,)
        connection.execute("SELECT FROM prod.bt_crypto_events")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("DELETE FROM later.rows")
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM later.rows")


def test_the_reader_reads_what_was_there_before_it(own_server: str, url: Url) -> None:
    owner = url("early", "early_db")
    _prepare(own_server, owner)
    with psycopg.connect(owner) as connection:
        connection.execute("CREATE SCHEMA earlier")
        connection.execute("CREATE TABLE earlier.rows AS SELECT 1 AS id")
    reader = url("latecomer", "early_db")
    prepare_databases(
        Settings(
            prepare=PrepareSettings(admin_url=SecretStr(own_server), reader_url=SecretStr(reader))
        )
    )
    with psycopg.connect(reader) as connection:
        assert connection.execute("SELECT id FROM earlier.rows").fetchone() == (1,)


@pytest.mark.usefixtures("prepared")
def test_an_administrator_with_too_few_rights_changes_nothing(url: Url) -> None:
    with pytest.raises(
        KpiError, match=r"The administrator crypto of .* may not create databases and roles: give"
    ):
        _prepare(url("crypto", "crypto_db"), url("stranger", "strange_db"))


def test_a_role_of_somebody_else_is_told(own_server: str, administrator: str, url: Url) -> None:
    with psycopg.connect(own_server, autocommit=True) as connection:
        connection.execute("CREATE ROLE foreigner SUPERUSER")
    with pytest.raises(
        KpiError, match=r"The administrator administrator of .* was refused: .* WITH ADMIN OPTION"
    ):
        _prepare(administrator, url("foreigner", "foreign_db"))


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
    odd = "odd%20%22name%22"
    assert _prepare(own_server, url(odd, odd)).databases == ['odd "name"']


def _prepare(admin_url: str, database_url: str) -> Prepared:
    return prepare_databases(
        Settings(
            prepare=PrepareSettings(
                admin_url=SecretStr(admin_url), database_urls=(SecretStr(database_url),)
            )
        )
    )
