"""What PostgreSQL refuses becomes a sentence; what may pass by itself, and our own bugs, do not."""

import psycopg
import pytest

from flows.errors import first_line
from flows.platform.warehouse.connection import Connection, is_transient
from flows.platform.warehouse.errors import refusal


def error_of(db: Connection, statement: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as raised:
        db.execute(statement.encode())
    return raised.value


def test_a_statement_that_takes_too_long(db: Connection) -> None:
    db.execute("SET statement_timeout = '1ms'")
    error = error_of(db, "SELECT pg_sleep(9)")
    assert str(refusal(error)).startswith(
        "The warehouse ended a statement that took too long: canceling statement"
    )
    assert not is_transient(error)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("53100", "The disk of the warehouse is full: no more. Make room there, then run again."),
        ("58030", "The warehouse could not do it: no more. Try `kpi doctor`."),
        ("57P01", "None"),
        ("40001", "None"),
        ("22012", "None"),
    ],
)
def test_each_class_of_errors(state: str, told: str, db: Connection) -> None:
    raised = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}', MESSAGE = 'no more'; END $$"
    assert str(refusal(error_of(db, raised))) == told


def test_it_is_found_inside_of_what_wraps_it(db: Connection) -> None:
    db.execute("SET ROLE pg_monitor")
    wrapped = RuntimeError()
    wrapped.__cause__ = error_of(db, "CREATE SCHEMA other")
    assert str(refusal(wrapped)).startswith("The warehouse refuses its user: permission denied")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("-c of_a_later_version=1", "The warehouse is PostgreSQL 14 or older; use 15 to 18."),
        (
            "-c timezone=Mars/Base",
            'The warehouse\'s PostgreSQL does not know the time zone "Mars/Base". '
            "Set KPI_TIME_ZONE to one that it knows, or upgrade it.",
        ),
    ],
)
def test_a_server_that_does_not_know_one_of_our_settings(
    options: str, told: str, database_url: str
) -> None:
    with pytest.raises(psycopg.OperationalError) as raised:
        psycopg.connect(database_url, options=options)
    assert str(refusal(raised.value)) == told
    assert not is_transient(raised.value)


def test_an_error_that_is_its_own_cause_is_looked_at_once() -> None:
    error = ValueError("a damaged page")
    error.__cause__ = error
    assert refusal(error) is None
    assert not is_transient(error)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("no such column\nLINE 1: SELECT"), "no such column"),
        (ValueError("\n  no such column\n"), "no such column"),
        (TimeoutError(), "TimeoutError"),
        (ValueError(" \n"), "ValueError"),
    ],
)
def test_the_first_line_of_what_it_says_or_its_name(error: Exception, told: str) -> None:
    assert first_line(error) == told
