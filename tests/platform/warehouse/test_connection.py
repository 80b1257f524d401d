"""Only what can pass by itself is tried again: judged by errors of a real server."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import IsolationLevel
from pydantic import SecretStr

from flows.errors import BadInput, DataRejected
from flows.local.machine import free_port, wait_until
from flows.platform.quality.great_expectations import Check, run_suite
from flows.platform.warehouse.connection import Connection, connect, is_transient
from flows.settings import Settings

PATIENCE = 30

COUNTER = "CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)"


def error_of(action: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is the question
        action()
    return caught.value


def terminate(db: Connection, name: str) -> bool:
    row = db.execute(
        "SELECT count(pg_terminate_backend(pid)) AS ended FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE %s",
        [name],
    ).fetchone()
    return row["ended"] > 0


def test_a_connection_lost_between_statements(settings: Settings, db: Connection) -> None:
    with connect(settings, "victim") as victim:
        victim.execute("SELECT 1")
        assert terminate(db, "kpi victim")
        error = error_of(lambda: victim.execute("SELECT 2"))
        assert is_transient(error)


def test_a_connection_lost_in_a_statement(settings: Settings, db: Connection) -> None:
    def work() -> None:
        with connect(settings, "victim") as victim:
            victim.execute("SELECT pg_sleep(60)")

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        assert wait_until(lambda: terminate(db, "kpi victim"), PATIENCE)
        error = future.exception()
    assert is_transient(error)


def test_no_server_there(settings: Settings) -> None:
    elsewhere = settings.model_copy(
        update={"database_url": SecretStr(f"postgresql://kpi@127.0.0.1:{free_port()}/kpi")}
    )
    assert is_transient(error_of(lambda: connect(elsewhere, "test")))


def test_a_lock_that_is_not_given_in_time(settings: Settings, db: Connection) -> None:
    db.execute(COUNTER)
    impatient = settings.model_copy(update={"lock_timeout_seconds": 1})
    with connect(settings, "holder") as holder, connect(impatient, "waiter") as waiter:
        holder.execute("LOCK counter")
        error = error_of(lambda: waiter.execute("SELECT * FROM counter"))
    assert isinstance(error, psycopg.errors.LockNotAvailable)
    assert is_transient(error)


def test_a_serialization_failure(settings: Settings, db: Connection) -> None:
    db.execute(COUNTER)
    with connect(settings, "first") as first:
        first.isolation_level = IsolationLevel.REPEATABLE_READ
        first.execute("SELECT * FROM counter")
        db.execute("UPDATE counter SET n = 1")
        error = error_of(lambda: first.execute("UPDATE counter SET n = 2"))
    assert isinstance(error, psycopg.errors.SerializationFailure)
    assert is_transient(error)


def test_a_deadlock(settings: Settings, db: Connection) -> None:
    db.execute(COUNTER)
    db.execute("CREATE TABLE other (n int)")
    with connect(settings, "first") as first, connect(settings, "second") as second:
        first.execute("LOCK counter")
        second.execute("LOCK other")
        with ThreadPoolExecutor(2) as pool:
            waits = [
                pool.submit(first.execute, "LOCK other"),
                pool.submit(second.execute, "LOCK counter"),
            ]
            (error,) = [wait.exception() for wait in waits if wait.exception()]
    assert isinstance(error, psycopg.errors.DeadlockDetected)
    assert is_transient(error)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 / 0",
        "SELECT 'x'::numeric",
        "SELECT 1e309::float8",
        "SELECT * FROM gone",
        "SELEKT",
        "INSERT INTO dqm.calendar SELECT 'x', now() FROM generate_series(1, 2)",
        "INSERT INTO dqm.calendar VALUES ('x', NULL)",
        "SET statement_timeout = 1; SELECT pg_sleep(60)",
    ],
)
def test_what_the_same_statement_will_meet_again(db: Connection, statement: str) -> None:
    assert not is_transient(error_of(lambda: db.execute(statement)))


def test_a_wrapped_error_counts_as_what_it_wraps(db: Connection) -> None:
    def wrap() -> None:
        try:
            db.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        except psycopg.Error as error:
            raise RuntimeError from error

    assert is_transient(error_of(wrap))


@pytest.mark.parametrize("error", [None, DataRejected("bad"), BadInput("bad"), ValueError("bad")])
def test_errors_without_a_server(error: BaseException | None) -> None:
    assert not is_transient(error)


def run_null_check(settings: Settings, table: str = "dqm.calendar", column: str = "form") -> None:
    check = Check("form", "form is present", "ExpectColumnValuesToNotBeNull", {"column": column})
    run_suite(
        settings,
        suite="suite",
        checkpoint="checkpoint",
        table=table,
        run_id="test",
        checks=[check],
    )


def test_great_expectations_without_a_server(settings: Settings) -> None:
    elsewhere = settings.model_copy(
        update={"database_url": SecretStr(f"postgresql://kpi@127.0.0.1:{free_port()}/kpi")}
    )
    assert is_transient(error_of(lambda: run_null_check(elsewhere)))


@pytest.fixture(params=["as it looks for the table", "as it runs the suite"])
def waiting_table(request: pytest.FixtureRequest, db: Connection) -> str:
    """Table or view that waits for dqm.calendar; the view only when its column is read."""
    if request.param == "as it looks for the table":
        return "dqm.calendar"
    db.execute(
        "CREATE FUNCTION first_form() RETURNS text STABLE LANGUAGE plpgsql AS"
        " 'BEGIN RETURN (SELECT min(form) FROM dqm.calendar); END'"
    )
    db.execute("CREATE VIEW forms AS SELECT first_form() AS form")
    return "public.forms"


def test_great_expectations_losing_its_connection(
    settings: Settings, db: Connection, waiting_table: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with connect(settings, "holder") as holder:
            holder.execute("LOCK dqm.calendar")
            future = pool.submit(run_null_check, settings, waiting_table)
            assert wait_until(lambda: is_waiting(db), PATIENCE)
            assert terminate(db, "kpi validate%")
        error = future.exception(PATIENCE)
    # In a suite, Great Expectations asks again by itself.
    assert error is None if waiting_table == "public.forms" else is_transient(error)


def is_waiting(db: Connection) -> bool:
    row = db.execute(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name LIKE 'kpi validate%' AND wait_event_type = 'Lock') AS yes"
    ).fetchone()
    return row["yes"]


def test_great_expectations_waiting_too_long_for_a_lock(
    settings: Settings, waiting_table: str
) -> None:
    impatient = settings.model_copy(update={"lock_timeout_seconds": 1})
    with connect(settings, "holder") as holder:
        holder.execute("LOCK dqm.calendar")
        assert is_transient(error_of(lambda: run_null_check(impatient, waiting_table)))


def test_great_expectations_with_a_wrong_check(settings: Settings) -> None:
    assert not is_transient(error_of(lambda: run_null_check(settings, column="gone")))
