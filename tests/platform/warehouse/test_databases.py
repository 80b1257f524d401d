"""Roles and databases on a real server: each role sees its own database alone."""

from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from flows.errors import BadInput, KpiError
from flows.platform.warehouse.databases import Prepared, prepare_databases
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings
from flows.settings.servers import PrepareSettings
from tests.platform.warehouse.conftest import Url

# One process makes what they share.
pytestmark = pytest.mark.xdist_group("databases")


@pytest.fixture(scope="module")
def prepared(own_server: str, url: Url) -> Settings:
    """Settings of a server on which two databases were made."""
    settings = Settings(
        database_url=SecretStr(url("crypto", "crypto_db")),
        prepare=PrepareSettings(
            admin_url=SecretStr(own_server),
            database_urls=(
                SecretStr(url("crypto", "crypto_db")),
                SecretStr(url("mlflow", "mlflow_db")),
            ),
        ),
    )
    assert prepare_databases(settings) == Prepared(["crypto_db", "mlflow_db"], [])
    migrate(settings)
    return settings


@pytest.fixture(scope="module")
def managed(administrator: str, url: Url) -> Settings:
    """Settings of a server that was prepared by that administrator, before and after its tables."""
    settings = Settings(
        database_url=SecretStr(url("managed", "managed_db")),
        prepare=PrepareSettings(
            admin_url=SecretStr(administrator),
            database_urls=(SecretStr(url("managed", "managed_db")),),
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
        ("managed", "crypto_db"),
        ("crypto", "mlflow_db"),
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
@pytest.mark.parametrize(("role", "database"), [("mlflow", "mlflow_db"), ("managed", "managed_db")])
def test_a_pool_is_kept_alive_whatever_its_driver_asks(url: Url, role: str, database: str) -> None:
    with psycopg.connect(url(role, database), keepalives=0) as connection:
        assert connection.execute("SHOW tcp_keepalives_idle").fetchone() == ("60",)


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
