"""Who reads the warehouse only reads it: each reader tries what it may not, on a real server."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date

import psycopg
import pytest
from pydantic import SecretStr

from flows.observed.checks import look
from flows.observed.collector import Platform
from flows.paths import REPOSITORY
from flows.platform.pipeline.lock import pipeline_lock
from flows.platform.pipeline.run import Run
from flows.platform.warehouse.databases import prepare_databases
from flows.platform.warehouse.migrations import migrate
from flows.platform.warehouse.readers import let_readers_in
from flows.settings import Settings
from flows.settings.servers import PrepareSettings
from flows.sql_files import read_sql
from tests.platform.warehouse.conftest import Url

# One process makes what they share.
pytestmark = pytest.mark.xdist_group("databases")

Connect = Callable[[str], "psycopg.Connection[tuple[object, ...]]"]

READERS = ("analyst", "app", "metrics")
SHUT = psycopg.errors.InsufficientPrivilege
CELLS = ("site_id", "user_id", "purchase_date", "crypto_type", "purchase_price", "purchase_units")


@pytest.fixture(scope="module")
def warehouse(own_server: str, url: Url) -> Settings:
    """Settings of a warehouse with all readers, prepared by a superuser."""
    settings = _settings(own_server, url)
    _prepare(settings)
    return settings


@pytest.fixture
def connect(warehouse: Settings, url: Url) -> Iterator[Connect]:
    """Connects as a reader, which has allowed itself to write: a role may do that."""
    with ExitStack() as connections:

        def open_as(role: str) -> "psycopg.Connection[tuple[object, ...]]":
            connection = psycopg.connect(url(role, "read_db"), autocommit=True)
            connection.execute("SET default_transaction_read_only = off")
            return connections.enter_context(connection)

        yield open_as


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT FROM raw.bt_crypto_transaction_history",
        "SELECT FROM raw.bt_crypto_transaction_history_replaced",
        "SELECT * FROM raw.deliveries",
        "SELECT FROM staging.bt_crypto_events_candidate",
        "SELECT * FROM dqm.bt_crypto_events_rejects",
        "SELECT user_id FROM dqm.bt_crypto_events_rejects",
        "SELECT user_id FROM dqm.bt_crypto_events_dismissals",
        "SELECT content_md5 FROM dqm.bt_crypto_events_dismissals",
        "SELECT rolpassword FROM pg_authid",
        "SELECT passwd FROM pg_shadow",
        "SELECT umuser FROM pg_user_mapping",
        "SELECT lo_create(0)",
        "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, 'kept here')",
        "SELECT lo_import('/etc/hostname')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_advisory_lock(hashtext('kpi'), hashtext('crypto_events'))",
        "SELECT pg_try_advisory_xact_lock_shared(1)",
        "SELECT pg_logical_emit_message(false, 'a', 'b')",
        "BEGIN; LOCK TABLE locks.crypto_events IN ACCESS SHARE MODE",
        "SELECT FROM locks.crypto_events",
        "SELECT locks.try_lock('crypto_events')",
        "BEGIN; LOCK TABLE prod.bt_crypto_events IN SHARE ROW EXCLUSIVE MODE",
        "BEGIN; LOCK TABLE dqm.schema_migrations IN SHARE ROW EXCLUSIVE MODE",
        "SELECT FROM prod.bt_crypto_events FOR UPDATE",
        "DELETE FROM prod.bt_crypto_events",
        "INSERT INTO dqm.pipeline_holds VALUES ('crypto_events', 'mine', now(), now(), 'infinity')",
        "TRUNCATE staging.bt_crypto_events_window",
        "CREATE TABLE public.mine (id int)",
        "CREATE TABLE prod.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT pg_ls_dir('.')",
        "SET ROLE reads",
    ],
)
def test_a_reader_may_not(role: str, statement: str, connect: Connect) -> None:
    with pytest.raises(SHUT):
        connect(role).execute(statement.encode())


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("database", ["postgres", "template1", "other_db"])
@pytest.mark.usefixtures("warehouse")
def test_a_reader_connects_to_no_other_database(role: str, database: str, url: Url) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(url(role, database))


@pytest.mark.parametrize("role", ["analyst", "app"])
def test_a_reader_reads_what_is_published_also_what_is_made_later(
    role: str, connect: Connect, url: Url
) -> None:
    month = {"analyst": 11, "app": 12}[role]
    with psycopg.connect(url("reads", "read_db")) as owner:
        owner.execute(
            f"CREATE TABLE prod.bt_crypto_events_2026_{month} PARTITION OF prod.bt_crypto_events"
            f" FOR VALUES FROM ('2026-{month}-01') TO ('2026-{month}-30')".encode()
        )
    connection = connect(role)
    for table in ("bt_crypto_events", f"bt_crypto_events_2026_{month}", "bt_churn_scores"):
        connection.execute(f"SELECT * FROM prod.{table}".encode())


def test_the_app_reads_what_its_pages_show(connect: Connect) -> None:
    asked = {
        name
        for page in (REPOSITORY / "app").rglob("*.py")
        for name in re.findall(r'"([a-z_/]+\.sql)"', page.read_text(encoding="utf-8"))
    }
    assert len(asked) > 5
    values = {
        **{"limit": 1, "run_id": "r", "first_day": "2026-01-01", "last_day": "2026-01-02"},
        **{"as_of": "2026-01-01", "active": True, "segment": None, "city": None, "spent": 0},
        **{"probability": 0, "worth_from": 0, "offset": 0, "user_id": 1, "kind": "city"},
    }
    for name in asked:
        connect("app").execute(read_sql(name), values)


def test_the_analyst_reads_all_quality_but_cells(connect: Connect) -> None:
    closed = connect("analyst").execute(
        "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relnamespace = 'dqm'::regnamespace AND relkind IN ('r', 'p', 'v') AND attnum > 0"
        " AND NOT has_column_privilege(attrelid, attnum, 'SELECT')"
    )
    # The ledger of forgotten people is closed as a whole.
    assert {(table, name) for table, name in closed if table != "bt_forgotten"} == {
        *(("bt_crypto_events_rejects", name) for name in (*CELLS, "resolution")),
        *(("bt_crypto_events_dismissals", name) for name in (*CELLS, "content_md5", "why")),
    }


def test_the_metrics_count_and_see_nobody(warehouse: Settings, connect: Connect, url: Url) -> None:
    as_reader = warehouse.model_copy(update={"database_url": SecretStr(url("metrics", "read_db"))})
    due = as_reader.check.model_copy(update={"delivery_hours": 1.0, "churn_delivery_hours": 1.0})
    assert {one.subject for one in look(as_reader.model_copy(update={"check": due}))} >= {
        "crypto_events",
        "people",
    }
    found = {metric.name: metric.samples for metric in Platform(as_reader).collect()}
    assert [sample.value for sample in found["kpi_warehouse_up"]] == [1]
    assert "kpi_open_forgettings" in found

    seen = connect("metrics").execute(
        "SELECT DISTINCT relname, attname"
        " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relnamespace::regnamespace::text IN ('raw', 'staging', 'prod', 'dqm', 'locks')"
        " AND attnum > 0 AND has_column_privilege(attrelid, attnum, 'SELECT')"
    )
    columns = set(seen)
    assert {name for _, name in columns} & {*CELLS, "why", "probability", "source_name"} == set()
    assert {name for table, name in columns if table == "bt_churn_scores"} == {"as_of", "scored_at"}
    # By the keyed hash, lines of the same person are one.
    assert {name for table, name in columns if table == "bt_forgotten"} == {
        *("person", "action", "decided_at", "finished_at"),
    }


@pytest.mark.parametrize("role", READERS)
def test_a_reader_has_limits(role: str, url: Url, connect: Connect) -> None:
    connection = connect(role)
    for name, limit in {
        "statement_timeout": "5min",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "30s",
        "idle_session_timeout": "1h",
    }.items():
        assert connection.execute(f"SHOW {name}".encode()).fetchone() == (limit,)
    with psycopg.connect(url(role, "read_db")) as fresh:
        assert fresh.execute("SHOW transaction_read_only").fetchone() == ("on",)
    with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
        _connect_often(url(role, "read_db"), 21)


def test_a_run_gets_its_lock_whatever_readers_hold(warehouse: Settings, url: Url) -> None:
    """Also where no superuser prepared the server, and advisory locks stay open to all."""
    run = Run(as_of=date(2025, 3, 10), run_id="mine")
    with psycopg.connect(url("analyst", "read_db")) as reader:
        reader.execute("SELECT FROM prod.bt_crypto_events, dqm.pipeline_holds")
        with pipeline_lock(warehouse, "crypto_events", run):
            pass


def test_who_may_see_deliveries_as_they_came_is_a_setting(
    own_server: str, url: Url, warehouse: Settings, connect: Connect
) -> None:
    delivered = ("SELECT * FROM raw.deliveries", "SELECT * FROM dqm.bt_crypto_events_rejects")
    let_readers_in(_settings(own_server, url, reader_sees_delivered_text=True))
    for statement in (*delivered, "SELECT * FROM staging.bt_crypto_events_candidate"):
        connect("analyst").execute(statement.encode())
        with pytest.raises(SHUT):
            connect("app").execute(statement.encode())
    let_readers_in(warehouse)
    for statement in delivered:
        with pytest.raises(SHUT):
            connect("analyst").execute(statement.encode())


def test_what_a_former_version_gave_is_taken_back(
    own_server: str, url: Url, warehouse: Settings, connect: Connect
) -> None:
    admin = psycopg.connect(own_server.replace("/postgres", "/read_db"), autocommit=True)
    with admin, psycopg.connect(url("reads", "read_db"), autocommit=True) as owner:
        admin.execute("GRANT pg_read_all_data TO analyst")
        for statement in (
            "GRANT USAGE ON SCHEMA raw, staging, dqm, prod, locks, public TO analyst",
            "GRANT SELECT ON ALL TABLES IN SCHEMA raw, staging, dqm, prod, locks TO analyst",
            "GRANT UPDATE (run_id) ON dqm.pipeline_holds TO analyst",
            "GRANT EXECUTE ON FUNCTION locks.try_lock TO analyst",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO analyst",
            "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO analyst",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA raw GRANT ALL ON SEQUENCES TO analyst",
        ):
            owner.execute(statement.encode())
        connect("analyst").execute("SELECT rolpassword FROM pg_authid")

        let_readers_in(warehouse)
        owner.execute("CREATE SCHEMA later")
        owner.execute("CREATE TABLE later.rows (id int)")
        owner.execute("CREATE TABLE raw.later (id int)")
        for statement in (
            "SELECT rolpassword FROM pg_authid",
            "SELECT FROM raw.deliveries",
            "SELECT FROM raw.later",
            "SELECT FROM later.rows",
            "SELECT locks.try_lock('crypto_events')",
            "UPDATE dqm.pipeline_holds SET run_id = 'mine'",
        ):
            with pytest.raises(SHUT):
                connect("analyst").execute(statement.encode())
        connect("analyst").execute("SELECT FROM prod.bt_crypto_events")


def test_a_role_that_somebody_gave_the_reader_keeps_its_rights(
    own_server: str, url: Url, warehouse: Settings, connect: Connect
) -> None:
    with psycopg.connect(own_server, autocommit=True) as admin:
        admin.execute("CREATE ROLE reports")
        admin.execute("GRANT reports TO analyst")
    with psycopg.connect(url("reads", "read_db"), autocommit=True) as owner:
        owner.execute("CREATE SCHEMA reports")
        owner.execute("CREATE TABLE reports.days (id int)")
        owner.execute("GRANT USAGE ON SCHEMA reports TO reports")
        owner.execute("GRANT SELECT ON reports.days TO reports")
    let_readers_in(warehouse)
    connect("analyst").execute("SELECT FROM reports.days")


def _settings(own_server: str, url: Url, *, reader_sees_delivered_text: bool = False) -> Settings:
    return Settings(
        database_url=SecretStr(url("reads", "read_db")),
        prepare=PrepareSettings(
            admin_url=SecretStr(own_server),
            database_urls=(
                SecretStr(url("reads", "read_db")),
                SecretStr(url("other", "other_db")),
            ),
            reader_url=SecretStr(url("analyst", "read_db")),
            reader_sees_delivered_text=reader_sees_delivered_text,
            app_url=SecretStr(url("app", "read_db")),
            metrics_url=SecretStr(url("metrics", "read_db")),
        ),
    )


def _prepare(settings: Settings) -> None:
    prepare_databases(settings)
    migrate(settings)
    assert [each.open_functions for each in let_readers_in(settings)] == [0, 0, 0]


def _connect_often(address: str, times: int) -> None:
    with ExitStack() as connections:
        for _ in range(times):
            connections.enter_context(psycopg.connect(address))
