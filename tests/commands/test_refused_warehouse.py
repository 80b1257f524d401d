"""A warehouse that cannot be used is told in one sentence, and nothing is changed in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from flows.local.postgres.server import PostgresServer
from flows.platform.warehouse import migrations
from flows.platform.warehouse import server as warehouse_server
from flows.platform.warehouse.connection import Connection, database_url
from flows.platform.warehouse.migrations import migrate
from flows.settings import Settings, load_settings
from tests.commands.command_result import CommandResult

Kpi = Callable[..., CommandResult]

STEP = ("step", "crypto_events", "build_events_candidate", "--run-id", "1", "--as-of", "2024-01-05")
READING = (("rejects",), ("rejects", "list"), ("model", "history"))
WRITING = (("replay",), ("rejects", "dismiss", "1", "--why", "known"), STEP)
LACKS_RIGHTS = "kpi: The warehouse refuses its user: permission denied for "


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, warehouse: Settings) -> Callable[..., None]:
    """Let KPI_DATABASE_URL name another user, database or port."""
    parts = conninfo_to_dict(database_url(warehouse))

    def change(**others: object) -> None:
        to = {**parts, **others}
        monkeypatch.setenv(
            "KPI_DATABASE_URL",
            f"postgresql://{to['user']}:{to['password']}@127.0.0.1:{to['port']}/{to['dbname']}",
        )

    return change


@pytest.fixture
def guest(db: Connection, use: Callable[..., None]) -> Iterator[sql.Identifier]:
    """A role that may connect and nothing else, as the warehouse's user."""
    name = f"guest_of_{db.info.dbname}"
    role = sql.Identifier(name)
    db.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(name)))
    use(user=name, password=name)
    yield role
    db.execute(sql.SQL("DROP OWNED BY {}").format(role))
    db.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture
def reader(db: Connection, guest: sql.Identifier) -> sql.Identifier:
    """A role that may read all tables and change none."""
    db.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(guest))
    return guest


def refuse(kpi: Kpi, sentence: str, *commands: tuple[str, ...]) -> None:
    """Every command, and the doctor, end with this sentence."""
    for command in commands:
        said = kpi(*command)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert said.err.startswith(f"kpi: {sentence}")
    doctor = kpi("doctor")
    assert doctor.code == 1
    assert f"FAIL  {sentence}" in doctor.out


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"password": "wrong"}, 'password authentication failed for user "kpi"'),
        ({"user": "nobody"}, 'password authentication failed for user "nobody"'),
        ({"dbname": "elsewhere"}, 'database "elsewhere" does not exist'),
    ],
)
def test_a_wrong_url_is_not_told_as_try_again(
    wrong: dict[str, str], reason: str, use: Callable[..., None], kpi: Kpi
) -> None:
    use(**wrong)
    sentence = f"The warehouse does not let us in: {reason}. Correct the user, password or database"
    refuse(kpi, sentence, *READING, ("plan",), *WRITING)


def test_a_role_that_only_reads_reads(reader: sql.Identifier, db: Connection, kpi: Kpi) -> None:
    for setting in ("off", "on"):
        db.execute(
            sql.SQL("ALTER ROLE {} SET default_transaction_read_only = {}").format(
                reader, sql.Literal(setting)
            )
        )
        for command in READING:
            said = kpi(*command)
            assert (said.code, said.err) == (0, "")


def test_a_role_that_only_reads_is_told_what_it_may_not(
    reader: sql.Identifier, db: Connection, kpi: Kpi
) -> None:
    for command in (("plan",), *WRITING):
        said = kpi(*command)
        assert said.err.startswith(LACKS_RIGHTS)
        assert (said.code, said.err.count("\n")) == (1, 1)
    doctor = kpi("doctor")
    assert "may look at the warehouse, and not write: dqm." in doctor.out
    assert "Let KPI_DATABASE_URL name the role that owns the tables." in doctor.out

    db.execute("DELETE FROM dqm.schema_migrations WHERE version LIKE '0006%'")
    refuse(kpi, "The warehouse lacks the migration 0006_describe_every_table, and guest", *READING)


def test_a_role_without_rights_is_told_so_in_an_empty_database(
    guest: sql.Identifier, server: PostgresServer, use: Callable[..., None], kpi: Kpi
) -> None:
    with database(server, "empty"):
        name = guest.as_string().strip('"')
        use(dbname="empty", user=name, password=name)
        refuse(kpi, "The warehouse lacks the migration 0001_crypto_events, and guest", *READING)


def test_a_role_without_any_right_is_told_so(guest: sql.Identifier, kpi: Kpi) -> None:
    refuse(kpi, "The warehouse refuses its user: permission denied for schema dqm", ("rejects",))


@pytest.mark.usefixtures("warehouse")
def test_a_database_set_to_read_only_reads(db: Connection, kpi: Kpi) -> None:
    set_read_only(db)
    for command in READING:
        assert kpi(*command).code == 0
    refuse(kpi, f"The database {db.info.dbname} is read only for kpi", *WRITING, ("plan",))


@pytest.mark.usefixtures("warehouse")
def test_a_database_that_becomes_read_only_is_told_by_the_statement(
    db: Connection, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "check_writable", lambda _: None)  # as if it came later
    set_read_only(db)

    said = kpi(*STEP)

    assert said.code == 1
    assert said.sentence.startswith("kpi: The warehouse only reads here: it is a standby, or ")


@pytest.mark.xdist_group("prefect")
@pytest.mark.usefixtures("prefect_api")
def test_a_database_of_another_encoding_is_refused_by_every_command_and_flow(
    server: PostgresServer, use: Callable[..., None], kpi: Kpi
) -> None:
    with database(server, "western", "ENCODING 'LATIN1'") as connection:
        use(dbname="western")
        refuse(
            kpi, "The database western stores text as LATIN1, which lacks most", *READING, *WRITING
        )
        flow = kpi("run")
        assert flow.code == 1
        assert flow.sentence.startswith("kpi: The database western stores text as LATIN1")
        found = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'dqm'")
        assert found.fetchone() == (0,)


def test_an_older_server_is_refused_by_every_command(
    warehouse: Settings, kpi: Kpi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse_server, "OLDEST_VERSION", 99)
    refuse(kpi, "The warehouse is PostgreSQL 1", *READING, *WRITING)


@pytest.mark.xdist_group("standby")
def test_a_standby_reads(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_binaries: Any,
    kpi: Kpi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = PostgresServer(
        binaries=postgres_binaries,
        folder=tmp_path_factory.mktemp("standby"),
        settings={"fsync": "off"},
    )
    try:
        server.start()
        monkeypatch.setenv("KPI_DATABASE_URL", server.url("postgres"))
        migrate(load_settings())
        server.stop()
        (server.data / "standby.signal").touch()
        server.start()
        for command in READING:
            assert kpi(*command).code == 0
        refuse(kpi, "The warehouse is a standby, which only reads.", *WRITING, ("plan",))
    finally:
        server.stop()


def set_read_only(db: Connection) -> None:
    name = sql.Identifier(db.info.dbname)
    db.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))


@contextmanager
def database(server: PostgresServer, name: str, options: str = "") -> Iterator[psycopg.Connection]:
    """A database for a while; yields a connection to it."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        statement = f"CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C' {options}"
        connection.execute(statement.encode())
        try:
            with psycopg.connect(server.url(name), autocommit=True) as inside:
                yield inside
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
